export type Json =
  | string
  | number
  | boolean
  | null
  | { [key: string]: Json | undefined }
  | Json[]

export type Database = {
  ai: {
    Tables: {
      feature_model_policies: {
        Row: {
          created_at: string
          feature_key: string
          id: string
          is_active: boolean
          model_id: string
          priority: number
          weight: number
        }
        ComputedFields: never
        Insert: {
          created_at?: string
          feature_key: string
          id?: string
          is_active?: boolean
          model_id: string
          priority?: number
          weight?: number
        }
        Update: {
          created_at?: string
          feature_key?: string
          id?: string
          is_active?: boolean
          model_id?: string
          priority?: number
          weight?: number
        }
        Relationships: [
          {
            foreignKeyName: "feature_model_policies_feature_key_fkey"
            columns: ["feature_key"]
            isOneToOne: false
            referencedRelation: "features"
            referencedColumns: ["key"]
          },
          {
            foreignKeyName: "feature_model_policies_model_id_fkey"
            columns: ["model_id"]
            isOneToOne: false
            referencedRelation: "catalogue"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "feature_model_policies_model_id_fkey"
            columns: ["model_id"]
            isOneToOne: false
            referencedRelation: "models"
            referencedColumns: ["id"]
          },
        ]
      }
      features: {
        Row: {
          description: string | null
          id: string
          is_active: boolean
          key: string
        }
        ComputedFields: never
        Insert: {
          description?: string | null
          id?: string
          is_active?: boolean
          key: string
        }
        Update: {
          description?: string | null
          id?: string
          is_active?: boolean
          key?: string
        }
        Relationships: []
      }
      generations: {
        Row: {
          created_at: string
          feature_key: string | null
          id: string
          latency_ms: number | null
          lenser_id: string
          media_id: string | null
          model_id: string
          output: string | null
          prompt: string | null
          quality_rating: number | null
          status: Database["ai"]["Enums"]["generation_status_enum"]
          token_count: number | null
          usage: Json | null
          charges: Database["billing"]["Tables"]["charges"]["Row"] | null
        }
        ComputedFields: "charges"
        Insert: {
          created_at?: string
          feature_key?: string | null
          id?: string
          latency_ms?: number | null
          lenser_id?: string
          media_id?: string | null
          model_id: string
          output?: string | null
          prompt?: string | null
          quality_rating?: number | null
          status?: Database["ai"]["Enums"]["generation_status_enum"]
          token_count?: number | null
          usage?: Json | null
        }
        Update: {
          created_at?: string
          feature_key?: string | null
          id?: string
          latency_ms?: number | null
          lenser_id?: string
          media_id?: string | null
          model_id?: string
          output?: string | null
          prompt?: string | null
          quality_rating?: number | null
          status?: Database["ai"]["Enums"]["generation_status_enum"]
          token_count?: number | null
          usage?: Json | null
        }
        Relationships: [
          {
            foreignKeyName: "generations_model_id_fkey"
            columns: ["model_id"]
            isOneToOne: false
            referencedRelation: "catalogue"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "generations_model_id_fkey"
            columns: ["model_id"]
            isOneToOne: false
            referencedRelation: "models"
            referencedColumns: ["id"]
          },
        ]
      }
      health_reports: {
        Row: {
          id: string
          model_id: string | null
          provider_id: string | null
          reason: string | null
          reported_at: string
          reported_by: string | null
          state: Database["ai"]["Enums"]["health_enum"]
          until: string
        }
        ComputedFields: never
        Insert: {
          id?: string
          model_id?: string | null
          provider_id?: string | null
          reason?: string | null
          reported_at?: string
          reported_by?: string | null
          state: Database["ai"]["Enums"]["health_enum"]
          until: string
        }
        Update: {
          id?: string
          model_id?: string | null
          provider_id?: string | null
          reason?: string | null
          reported_at?: string
          reported_by?: string | null
          state?: Database["ai"]["Enums"]["health_enum"]
          until?: string
        }
        Relationships: [
          {
            foreignKeyName: "health_reports_model_id_fkey"
            columns: ["model_id"]
            isOneToOne: false
            referencedRelation: "catalogue"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "health_reports_model_id_fkey"
            columns: ["model_id"]
            isOneToOne: false
            referencedRelation: "models"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "health_reports_provider_id_fkey"
            columns: ["provider_id"]
            isOneToOne: false
            referencedRelation: "providers"
            referencedColumns: ["id"]
          },
        ]
      }
      meters: {
        Row: {
          counts_as_input: boolean
          description: string
          falls_back_to: string | null
          key: string
          name: string
          unit_type: Database["ai"]["Enums"]["unit_type_enum"]
        }
        ComputedFields: never
        Insert: {
          counts_as_input?: boolean
          description: string
          falls_back_to?: string | null
          key: string
          name: string
          unit_type: Database["ai"]["Enums"]["unit_type_enum"]
        }
        Update: {
          counts_as_input?: boolean
          description?: string
          falls_back_to?: string | null
          key?: string
          name?: string
          unit_type?: Database["ai"]["Enums"]["unit_type_enum"]
        }
        Relationships: [
          {
            foreignKeyName: "meters_falls_back_to_fkey"
            columns: ["falls_back_to", "unit_type"]
            isOneToOne: false
            referencedRelation: "meters"
            referencedColumns: ["key", "unit_type"]
          },
        ]
      }
      model_aliases: {
        Row: {
          alias: string
          created_at: string
          model_id: string
          source: string
        }
        ComputedFields: never
        Insert: {
          alias: string
          created_at?: string
          model_id: string
          source?: string
        }
        Update: {
          alias?: string
          created_at?: string
          model_id?: string
          source?: string
        }
        Relationships: [
          {
            foreignKeyName: "model_aliases_model_id_fkey"
            columns: ["model_id"]
            isOneToOne: false
            referencedRelation: "catalogue"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "model_aliases_model_id_fkey"
            columns: ["model_id"]
            isOneToOne: false
            referencedRelation: "models"
            referencedColumns: ["id"]
          },
        ]
      }
      model_price_sources: {
        Row: {
          effective_from: string | null
          id: string
          model_id: string
          price_currency: string
          price_source: string
          revision: number
        }
        ComputedFields: never
        Insert: {
          effective_from?: string | null
          id?: string
          model_id: string
          price_currency: string
          price_source: string
          revision?: number
        }
        Update: {
          effective_from?: string | null
          id?: string
          model_id?: string
          price_currency?: string
          price_source?: string
          revision?: number
        }
        Relationships: [
          {
            foreignKeyName: "model_price_sources_model_id_fkey"
            columns: ["model_id"]
            isOneToOne: false
            referencedRelation: "catalogue"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "model_price_sources_model_id_fkey"
            columns: ["model_id"]
            isOneToOne: false
            referencedRelation: "models"
            referencedColumns: ["id"]
          },
        ]
      }
      model_pricing: {
        Row: {
          context_threshold: number | null
          created_at: string
          currency: string
          effective_from: string
          id: string
          is_pinned: boolean
          is_public: boolean
          meter: string
          minimum_quantity: number | null
          model_id: string
          price_per_unit: number | null
          reference: string | null
          region: string | null
          revision: number
          service_tier: string
          source: string
          threshold_inclusive: boolean
          tier_mode: Database["ai"]["Enums"]["tier_mode_enum"]
          unit_type: Database["ai"]["Enums"]["unit_type_enum"]
          variant: string | null
          window_days: number | null
          window_end: string | null
          window_start: string | null
          window_time_zone: string | null
          withdrawn: boolean
          created_by: string | null
        }
        ComputedFields: "created_by"
        Insert: {
          context_threshold?: number | null
          created_at?: string
          currency?: string
          effective_from?: string
          id?: string
          is_pinned?: boolean
          is_public?: boolean
          meter: string
          minimum_quantity?: number | null
          model_id: string
          price_per_unit?: number | null
          reference?: string | null
          region?: string | null
          revision?: number
          service_tier?: string
          source?: string
          threshold_inclusive?: boolean
          tier_mode?: Database["ai"]["Enums"]["tier_mode_enum"]
          unit_type?: Database["ai"]["Enums"]["unit_type_enum"]
          variant?: string | null
          window_days?: number | null
          window_end?: string | null
          window_start?: string | null
          window_time_zone?: string | null
          withdrawn?: boolean
        }
        Update: {
          context_threshold?: number | null
          created_at?: string
          currency?: string
          effective_from?: string
          id?: string
          is_pinned?: boolean
          is_public?: boolean
          meter?: string
          minimum_quantity?: number | null
          model_id?: string
          price_per_unit?: number | null
          reference?: string | null
          region?: string | null
          revision?: number
          service_tier?: string
          source?: string
          threshold_inclusive?: boolean
          tier_mode?: Database["ai"]["Enums"]["tier_mode_enum"]
          unit_type?: Database["ai"]["Enums"]["unit_type_enum"]
          variant?: string | null
          window_days?: number | null
          window_end?: string | null
          window_start?: string | null
          window_time_zone?: string | null
          withdrawn?: boolean
        }
        Relationships: [
          {
            foreignKeyName: "model_pricing_meter_fkey"
            columns: ["meter", "unit_type"]
            isOneToOne: false
            referencedRelation: "meters"
            referencedColumns: ["key", "unit_type"]
          },
          {
            foreignKeyName: "model_pricing_model_id_fkey"
            columns: ["model_id"]
            isOneToOne: false
            referencedRelation: "catalogue"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "model_pricing_model_id_fkey"
            columns: ["model_id"]
            isOneToOne: false
            referencedRelation: "models"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "model_pricing_service_tier_fkey"
            columns: ["service_tier"]
            isOneToOne: false
            referencedRelation: "service_tiers"
            referencedColumns: ["key"]
          },
        ]
      }
      model_profiles: {
        Row: {
          canonical_equivalent_id: string | null
          canonical_revision: number | null
          created_at: string
          disabled: boolean
          id: string
          is_canonical: boolean
          max_tokens: number | null
          model: string
          name: string
          provider_id: string
          system_prompt: string | null
          temperature: number | null
          updated_at: string
        }
        ComputedFields: never
        Insert: {
          canonical_equivalent_id?: string | null
          canonical_revision?: number | null
          created_at?: string
          disabled?: boolean
          id?: string
          is_canonical?: boolean
          max_tokens?: number | null
          model: string
          name: string
          provider_id: string
          system_prompt?: string | null
          temperature?: number | null
          updated_at?: string
        }
        Update: {
          canonical_equivalent_id?: string | null
          canonical_revision?: number | null
          created_at?: string
          disabled?: boolean
          id?: string
          is_canonical?: boolean
          max_tokens?: number | null
          model?: string
          name?: string
          provider_id?: string
          system_prompt?: string | null
          temperature?: number | null
          updated_at?: string
        }
        Relationships: [
          {
            foreignKeyName: "model_profiles_canonical_equivalent_id_fkey"
            columns: ["canonical_equivalent_id"]
            isOneToOne: false
            referencedRelation: "model_profiles"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "model_profiles_provider_id_fkey"
            columns: ["provider_id"]
            isOneToOne: false
            referencedRelation: "providers"
            referencedColumns: ["id"]
          },
        ]
      }
      models: {
        Row: {
          capabilities: Database["ai"]["Enums"]["ai_capability_enum"][]
          capabilities_detail: NonNullable<Json>
          context_window: number | null
          created_at: string
          deleted_at: string | null
          deprecation_date: string | null
          description: string | null
          endpoint_path: string | null
          id: string
          input_defaults: NonNullable<Json>
          is_active: boolean
          is_default: boolean
          is_public: boolean
          key: string
          max_tokens: number | null
          metadata: NonNullable<Json>
          modality: string
          model_family: string | null
          model_tier: string | null
          name: string
          output_format: string | null
          price_currency: string
          price_source: string
          price_source_since: string | null
          pricing_tier: Database["ai"]["Enums"]["model_tier_enum"] | null
          priority: number
          provider: Database["ai"]["Enums"]["provider_enum"]
          provider_id: string
          provider_model_key: string | null
          provider_url: string | null
          rate_limits: NonNullable<Json>
          release_date: string | null
          search: unknown
          status: Database["ai"]["Enums"]["model_status_enum"]
          succeeded_at: string | null
          successor_id: string | null
          supports: string[]
          task: string
          temperature: number | null
          typical_latency_ms: number | null
          updated_at: string
          valid_sizes: string[]
          version: string | null
          created_by: string | null
          updated_by: string | null
        }
        ComputedFields: "created_by" | "updated_by"
        Insert: {
          capabilities?: Database["ai"]["Enums"]["ai_capability_enum"][]
          capabilities_detail?: NonNullable<Json>
          context_window?: number | null
          created_at?: string
          deleted_at?: string | null
          deprecation_date?: string | null
          description?: string | null
          endpoint_path?: string | null
          id?: string
          input_defaults?: NonNullable<Json>
          is_active?: boolean
          is_default?: boolean
          is_public?: boolean
          key: string
          max_tokens?: number | null
          metadata?: NonNullable<Json>
          modality?: string
          model_family?: string | null
          model_tier?: string | null
          name: string
          output_format?: string | null
          price_currency?: string
          price_source?: string
          price_source_since?: string | null
          pricing_tier?: Database["ai"]["Enums"]["model_tier_enum"] | null
          priority?: number
          provider: Database["ai"]["Enums"]["provider_enum"]
          provider_id: string
          provider_model_key?: string | null
          provider_url?: string | null
          rate_limits?: NonNullable<Json>
          release_date?: string | null
          search?: never
          status?: Database["ai"]["Enums"]["model_status_enum"]
          succeeded_at?: string | null
          successor_id?: string | null
          supports?: string[]
          task?: string
          temperature?: number | null
          typical_latency_ms?: number | null
          updated_at?: string
          valid_sizes?: string[]
          version?: string | null
        }
        Update: {
          capabilities?: Database["ai"]["Enums"]["ai_capability_enum"][]
          capabilities_detail?: NonNullable<Json>
          context_window?: number | null
          created_at?: string
          deleted_at?: string | null
          deprecation_date?: string | null
          description?: string | null
          endpoint_path?: string | null
          id?: string
          input_defaults?: NonNullable<Json>
          is_active?: boolean
          is_default?: boolean
          is_public?: boolean
          key?: string
          max_tokens?: number | null
          metadata?: NonNullable<Json>
          modality?: string
          model_family?: string | null
          model_tier?: string | null
          name?: string
          output_format?: string | null
          price_currency?: string
          price_source?: string
          price_source_since?: string | null
          pricing_tier?: Database["ai"]["Enums"]["model_tier_enum"] | null
          priority?: number
          provider?: Database["ai"]["Enums"]["provider_enum"]
          provider_id?: string
          provider_model_key?: string | null
          provider_url?: string | null
          rate_limits?: NonNullable<Json>
          release_date?: string | null
          search?: never
          status?: Database["ai"]["Enums"]["model_status_enum"]
          succeeded_at?: string | null
          successor_id?: string | null
          supports?: string[]
          task?: string
          temperature?: number | null
          typical_latency_ms?: number | null
          updated_at?: string
          valid_sizes?: string[]
          version?: string | null
        }
        Relationships: [
          {
            foreignKeyName: "models_provider_id_fkey"
            columns: ["provider_id"]
            isOneToOne: false
            referencedRelation: "providers"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "models_successor_id_fkey"
            columns: ["successor_id"]
            isOneToOne: false
            referencedRelation: "catalogue"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "models_successor_id_fkey"
            columns: ["successor_id"]
            isOneToOne: false
            referencedRelation: "models"
            referencedColumns: ["id"]
          },
        ]
      }
      provider_connections: {
        Row: {
          auth: NonNullable<Json>
          base_url: string | null
          created_at: string
          id: string
          is_active: boolean
          name: string
          provider_id: string
          updated_at: string
        }
        ComputedFields: never
        Insert: {
          auth?: NonNullable<Json>
          base_url?: string | null
          created_at?: string
          id?: string
          is_active?: boolean
          name: string
          provider_id: string
          updated_at?: string
        }
        Update: {
          auth?: NonNullable<Json>
          base_url?: string | null
          created_at?: string
          id?: string
          is_active?: boolean
          name?: string
          provider_id?: string
          updated_at?: string
        }
        Relationships: [
          {
            foreignKeyName: "provider_connections_provider_id_fkey"
            columns: ["provider_id"]
            isOneToOne: false
            referencedRelation: "providers"
            referencedColumns: ["id"]
          },
        ]
      }
      providers: {
        Row: {
          api_url: string | null
          auth_scheme: Database["ai"]["Enums"]["auth_scheme_enum"]
          canonical_equivalent_id: string | null
          canonical_revision: number | null
          contract: Database["ai"]["Enums"]["provider_contract_enum"] | null
          created_at: string
          id: string
          is_active: boolean
          is_canonical: boolean
          key: string
          modality: string
          name: string
          updated_at: string
        }
        ComputedFields: never
        Insert: {
          api_url?: string | null
          auth_scheme?: Database["ai"]["Enums"]["auth_scheme_enum"]
          canonical_equivalent_id?: string | null
          canonical_revision?: number | null
          contract?: Database["ai"]["Enums"]["provider_contract_enum"] | null
          created_at?: string
          id?: string
          is_active?: boolean
          is_canonical?: boolean
          key: string
          modality?: string
          name: string
          updated_at?: string
        }
        Update: {
          api_url?: string | null
          auth_scheme?: Database["ai"]["Enums"]["auth_scheme_enum"]
          canonical_equivalent_id?: string | null
          canonical_revision?: number | null
          contract?: Database["ai"]["Enums"]["provider_contract_enum"] | null
          created_at?: string
          id?: string
          is_active?: boolean
          is_canonical?: boolean
          key?: string
          modality?: string
          name?: string
          updated_at?: string
        }
        Relationships: [
          {
            foreignKeyName: "providers_canonical_equivalent_id_fkey"
            columns: ["canonical_equivalent_id"]
            isOneToOne: false
            referencedRelation: "providers"
            referencedColumns: ["id"]
          },
        ]
      }
      service_tiers: {
        Row: {
          description: string
          key: string
          tries_chain_first: boolean
        }
        ComputedFields: never
        Insert: {
          description: string
          key: string
          tries_chain_first?: boolean
        }
        Update: {
          description?: string
          key?: string
          tries_chain_first?: boolean
        }
        Relationships: []
      }
    }
    Views: {
      all_generations: {
        Row: {
          created_at: string
          feature_key: string | null
          id: string
          latency_ms: number | null
          lenser_id: string
          media_id: string | null
          model_id: string
          output: string | null
          prompt: string | null
          quality_rating: number | null
          status: Database["ai"]["Enums"]["generation_status_enum"]
          token_count: number | null
          usage: Json | null
          charges: Database["billing"]["Views"]["all_charges"]["Row"] | null
          models: {
            capabilities: Database["ai"]["Enums"]["ai_capability_enum"][]
            capabilities_detail: NonNullable<Json>
            context_window: number | null
            created_at: string
            deleted_at: string | null
            deprecation_date: string | null
            description: string | null
            endpoint_path: string | null
            id: string
            input_defaults: NonNullable<Json>
            is_active: boolean
            is_default: boolean
            is_public: boolean
            key: string
            max_tokens: number | null
            metadata: NonNullable<Json>
            modality: string
            model_family: string | null
            model_tier: string | null
            name: string
            output_format: string | null
            price_currency: string
            price_source: string
            price_source_since: string | null
            pricing_tier: Database["ai"]["Enums"]["model_tier_enum"] | null
            priority: number
            provider: Database["ai"]["Enums"]["provider_enum"]
            provider_id: string
            provider_model_key: string | null
            provider_url: string | null
            rate_limits: NonNullable<Json>
            release_date: string | null
            search: unknown
            status: Database["ai"]["Enums"]["model_status_enum"]
            succeeded_at: string | null
            successor_id: string | null
            supports: string[]
            task: string
            temperature: number | null
            typical_latency_ms: number | null
            updated_at: string
            valid_sizes: string[]
            version: string | null
          } | null
        }
        ComputedFields: "charges" | "models"
        Insert: {
          created_at?: string | null
          feature_key?: string | null
          id?: string | null
          latency_ms?: number | null
          lenser_id?: string | null
          media_id?: string | null
          model_id?: string | null
          output?: string | null
          prompt?: string | null
          quality_rating?: number | null
          status?: Database["ai"]["Enums"]["generation_status_enum"] | null
          token_count?: number | null
          usage?: Json | null
        }
        Update: {
          created_at?: string | null
          feature_key?: string | null
          id?: string | null
          latency_ms?: number | null
          lenser_id?: string | null
          media_id?: string | null
          model_id?: string | null
          output?: string | null
          prompt?: string | null
          quality_rating?: number | null
          status?: Database["ai"]["Enums"]["generation_status_enum"] | null
          token_count?: number | null
          usage?: Json | null
        }
        Relationships: []
      }
      catalogue: {
        Row: {
          audio_second_price: number | null
          cache_read_per_million: number | null
          cache_read_price: number | null
          cache_write_per_million: number | null
          cache_write_price: number | null
          capabilities: Database["ai"]["Enums"]["ai_capability_enum"][]
          context_window: number | null
          currency: string | null
          deprecation_date: string | null
          description: string | null
          id: string
          image_price: number | null
          input_per_million: number | null
          input_price: number | null
          is_active: boolean | null
          is_default: boolean
          key: string
          max_tokens: number | null
          modality: string
          model_family: string | null
          name: string
          output_per_million: number | null
          output_price: number | null
          price_source: string | null
          prices: Json | null
          prices_end_at: string | null
          pricing_tier: Database["ai"]["Enums"]["model_tier_enum"] | null
          priority: number
          provider: string
          provider_id: string
          provider_name: string
          release_date: string | null
          request_price: number | null
          status: Database["ai"]["Enums"]["model_status_enum"]
          supports: string[]
          task: string
          typical_latency_ms: number | null
          valid_sizes: string[]
          video_second_price: number | null
        }
        ComputedFields: never
        Insert: {
          audio_second_price?: number | null
          cache_read_per_million?: number | null
          cache_read_price?: number | null
          cache_write_per_million?: number | null
          cache_write_price?: number | null
          capabilities?: Database["ai"]["Enums"]["ai_capability_enum"][] | null
          context_window?: number | null
          currency?: string | null
          deprecation_date?: string | null
          description?: string | null
          id?: string | null
          image_price?: number | null
          input_per_million?: number | null
          input_price?: number | null
          is_active?: boolean | null
          is_default?: boolean | null
          key?: string | null
          max_tokens?: number | null
          modality?: string | null
          model_family?: string | null
          name?: string | null
          output_per_million?: number | null
          output_price?: number | null
          price_source?: string | null
          prices?: Json | null
          prices_end_at?: string | null
          pricing_tier?: Database["ai"]["Enums"]["model_tier_enum"] | null
          priority?: number | null
          provider?: string | null
          provider_id?: string | null
          provider_name?: string | null
          release_date?: string | null
          request_price?: number | null
          status?: Database["ai"]["Enums"]["model_status_enum"] | null
          supports?: string[] | null
          task?: string | null
          typical_latency_ms?: number | null
          valid_sizes?: string[] | null
          video_second_price?: number | null
        }
        Update: {
          audio_second_price?: number | null
          cache_read_per_million?: number | null
          cache_read_price?: number | null
          cache_write_per_million?: number | null
          cache_write_price?: number | null
          capabilities?: Database["ai"]["Enums"]["ai_capability_enum"][] | null
          context_window?: number | null
          currency?: string | null
          deprecation_date?: string | null
          description?: string | null
          id?: string | null
          image_price?: number | null
          input_per_million?: number | null
          input_price?: number | null
          is_active?: boolean | null
          is_default?: boolean | null
          key?: string | null
          max_tokens?: number | null
          modality?: string | null
          model_family?: string | null
          name?: string | null
          output_per_million?: number | null
          output_price?: number | null
          price_source?: string | null
          prices?: Json | null
          prices_end_at?: string | null
          pricing_tier?: Database["ai"]["Enums"]["model_tier_enum"] | null
          priority?: number | null
          provider?: string | null
          provider_id?: string | null
          provider_name?: string | null
          release_date?: string | null
          request_price?: number | null
          status?: Database["ai"]["Enums"]["model_status_enum"] | null
          supports?: string[] | null
          task?: string | null
          typical_latency_ms?: number | null
          valid_sizes?: string[] | null
          video_second_price?: number | null
        }
        Relationships: [
          {
            foreignKeyName: "models_provider_id_fkey"
            columns: ["provider_id"]
            isOneToOne: false
            referencedRelation: "providers"
            referencedColumns: ["id"]
          },
        ]
      }
      resources: {
        Row: {
          bucket: string | null
          byte_size: number | null
          created_at: string | null
          id: string | null
          lenser_id: string | null
          mime_type: string | null
          path: string | null
        }
        ComputedFields: never
        Insert: {
          bucket?: string | null
          byte_size?: number | null
          created_at?: string | null
          id?: string | null
          lenser_id?: string | null
          mime_type?: string | null
          path?: string | null
        }
        Update: {
          bucket?: string | null
          byte_size?: number | null
          created_at?: string | null
          id?: string | null
          lenser_id?: string | null
          mime_type?: string | null
          path?: string | null
        }
        Relationships: []
      }
    }
    Functions: {
      activate_models: {
        Args: { models: string[] }
        Returns: {
          capabilities: Database["ai"]["Enums"]["ai_capability_enum"][]
          capabilities_detail: NonNullable<Json>
          context_window: number | null
          created_at: string
          deleted_at: string | null
          deprecation_date: string | null
          description: string | null
          endpoint_path: string | null
          id: string
          input_defaults: NonNullable<Json>
          is_active: boolean
          is_default: boolean
          is_public: boolean
          key: string
          max_tokens: number | null
          metadata: NonNullable<Json>
          modality: string
          model_family: string | null
          model_tier: string | null
          name: string
          output_format: string | null
          price_currency: string
          price_source: string
          price_source_since: string | null
          pricing_tier: Database["ai"]["Enums"]["model_tier_enum"] | null
          priority: number
          provider: Database["ai"]["Enums"]["provider_enum"]
          provider_id: string
          provider_model_key: string | null
          provider_url: string | null
          rate_limits: NonNullable<Json>
          release_date: string | null
          search: unknown
          status: Database["ai"]["Enums"]["model_status_enum"]
          succeeded_at: string | null
          successor_id: string | null
          supports: string[]
          task: string
          temperature: number | null
          typical_latency_ms: number | null
          updated_at: string
          valid_sizes: string[]
          version: string | null
        }[]
        SetofOptions: {
          from: "*"
          to: "models"
          isOneToOne: false
          isSetofReturn: true
        }
      }
      backfill_generations: { Args: { generations: Json }; Returns: string[] }
      charges:
        | {
            Args: { "": Database["ai"]["Views"]["all_generations"]["Row"] }
            Returns: {
              error: true
            } & "the function ai.charges with parameter or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache"
            SetofOptions: {
              from: "ai.all_generations"
              to: "all_charges"
              isOneToOne: false
              isSetofReturn: true
            }
          }
        | {
            Args: { "": Database["ai"]["Tables"]["generations"]["Row"] }
            Returns: {
              error: true
            } & "the function ai.charges with parameter or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache"
            SetofOptions: {
              from: "ai.generations"
              to: "charges"
              isOneToOne: false
              isSetofReturn: true
            }
          }
      created_by:
        | {
            Args: { "": Database["ai"]["Tables"]["model_pricing"]["Row"] }
            Returns: {
              error: true
            } & "the function ai.created_by with parameter or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache"
          }
        | {
            Args: { "": Database["ai"]["Tables"]["models"]["Row"] }
            Returns: {
              error: true
            } & "the function ai.created_by with parameter or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache"
          }
      deactivate_models: {
        Args: { models: string[] }
        Returns: {
          capabilities: Database["ai"]["Enums"]["ai_capability_enum"][]
          capabilities_detail: NonNullable<Json>
          context_window: number | null
          created_at: string
          deleted_at: string | null
          deprecation_date: string | null
          description: string | null
          endpoint_path: string | null
          id: string
          input_defaults: NonNullable<Json>
          is_active: boolean
          is_default: boolean
          is_public: boolean
          key: string
          max_tokens: number | null
          metadata: NonNullable<Json>
          modality: string
          model_family: string | null
          model_tier: string | null
          name: string
          output_format: string | null
          price_currency: string
          price_source: string
          price_source_since: string | null
          pricing_tier: Database["ai"]["Enums"]["model_tier_enum"] | null
          priority: number
          provider: Database["ai"]["Enums"]["provider_enum"]
          provider_id: string
          provider_model_key: string | null
          provider_url: string | null
          rate_limits: NonNullable<Json>
          release_date: string | null
          search: unknown
          status: Database["ai"]["Enums"]["model_status_enum"]
          succeeded_at: string | null
          successor_id: string | null
          supports: string[]
          task: string
          temperature: number | null
          typical_latency_ms: number | null
          updated_at: string
          valid_sizes: string[]
          version: string | null
        }[]
        SetofOptions: {
          from: "*"
          to: "models"
          isOneToOne: false
          isSetofReturn: true
        }
      }
      erase_lenser: { Args: { lenser: string }; Returns: Json }
      explain_route: {
        Args: { feature: string; requirements?: Json; subject?: string }
        Returns: {
          cost: number
          credits: number
          currency: string
          health: Database["ai"]["Enums"]["health_enum"]
          health_until: string
          model: string
          model_id: string
          place: number
          priority: number
          provider: string
          provider_model_key: string
          reasons: string[]
          route_id: string
          share: number
          weight: number
          why: string
        }[]
      }
      export_prices: {
        Args: { at?: string }
        Returns: {
          context_threshold: number
          currency: string
          effective_from: string
          is_active: boolean
          is_public: boolean
          meter: string
          model: string
          name: string
          price_per_unit: string
          provider: string
          region: string
          service_tier: string
          source: string
          threshold_inclusive: boolean
          tier_mode: Database["ai"]["Enums"]["tier_mode_enum"]
          unit_type: Database["ai"]["Enums"]["unit_type_enum"]
          variant: string
          window_days: number
          window_end: string
          window_start: string
          window_time_zone: string
        }[]
      }
      extend_partitions: { Args: { months?: number }; Returns: number }
      find_model: {
        Args: { model: string }
        Returns: {
          capabilities: Database["ai"]["Enums"]["ai_capability_enum"][]
          capabilities_detail: NonNullable<Json>
          context_window: number | null
          created_at: string
          deleted_at: string | null
          deprecation_date: string | null
          description: string | null
          endpoint_path: string | null
          id: string
          input_defaults: NonNullable<Json>
          is_active: boolean
          is_default: boolean
          is_public: boolean
          key: string
          max_tokens: number | null
          metadata: NonNullable<Json>
          modality: string
          model_family: string | null
          model_tier: string | null
          name: string
          output_format: string | null
          price_currency: string
          price_source: string
          price_source_since: string | null
          pricing_tier: Database["ai"]["Enums"]["model_tier_enum"] | null
          priority: number
          provider: Database["ai"]["Enums"]["provider_enum"]
          provider_id: string
          provider_model_key: string | null
          provider_url: string | null
          rate_limits: NonNullable<Json>
          release_date: string | null
          search: unknown
          status: Database["ai"]["Enums"]["model_status_enum"]
          succeeded_at: string | null
          successor_id: string | null
          supports: string[]
          task: string
          temperature: number | null
          typical_latency_ms: number | null
          updated_at: string
          valid_sizes: string[]
          version: string | null
        }
        SetofOptions: {
          from: "*"
          to: "models"
          isOneToOne: true
          isSetofReturn: true
        }
      }
      finish_generation: {
        Args: {
          generation: string
          latency_ms?: number
          output?: string
          owner?: string
          quality_rating?: number
          status?: Database["ai"]["Enums"]["generation_status_enum"]
          token_count?: number
          usage?: Json
        }
        Returns: undefined
      }
      follow_source: {
        Args: { models?: string[]; move_pins?: boolean; source: string }
        Returns: {
          capabilities: Database["ai"]["Enums"]["ai_capability_enum"][]
          capabilities_detail: NonNullable<Json>
          context_window: number | null
          created_at: string
          deleted_at: string | null
          deprecation_date: string | null
          description: string | null
          endpoint_path: string | null
          id: string
          input_defaults: NonNullable<Json>
          is_active: boolean
          is_default: boolean
          is_public: boolean
          key: string
          max_tokens: number | null
          metadata: NonNullable<Json>
          modality: string
          model_family: string | null
          model_tier: string | null
          name: string
          output_format: string | null
          price_currency: string
          price_source: string
          price_source_since: string | null
          pricing_tier: Database["ai"]["Enums"]["model_tier_enum"] | null
          priority: number
          provider: Database["ai"]["Enums"]["provider_enum"]
          provider_id: string
          provider_model_key: string | null
          provider_url: string | null
          rate_limits: NonNullable<Json>
          release_date: string | null
          search: unknown
          status: Database["ai"]["Enums"]["model_status_enum"]
          succeeded_at: string | null
          successor_id: string | null
          supports: string[]
          task: string
          temperature: number | null
          typical_latency_ms: number | null
          updated_at: string
          valid_sizes: string[]
          version: string | null
        }[]
        SetofOptions: {
          from: "*"
          to: "models"
          isOneToOne: false
          isSetofReturn: true
        }
      }
      import_catalogue: {
        Args: {
          accept?: string[]
          dry_run?: boolean
          models: Json
          source: string
          starts_at?: string
          strict?: boolean
        }
        Returns: Json
      }
      merge_models: {
        Args: { duplicate: string; into: string }
        Returns: {
          capabilities: Database["ai"]["Enums"]["ai_capability_enum"][]
          capabilities_detail: NonNullable<Json>
          context_window: number | null
          created_at: string
          deleted_at: string | null
          deprecation_date: string | null
          description: string | null
          endpoint_path: string | null
          id: string
          input_defaults: NonNullable<Json>
          is_active: boolean
          is_default: boolean
          is_public: boolean
          key: string
          max_tokens: number | null
          metadata: NonNullable<Json>
          modality: string
          model_family: string | null
          model_tier: string | null
          name: string
          output_format: string | null
          price_currency: string
          price_source: string
          price_source_since: string | null
          pricing_tier: Database["ai"]["Enums"]["model_tier_enum"] | null
          priority: number
          provider: Database["ai"]["Enums"]["provider_enum"]
          provider_id: string
          provider_model_key: string | null
          provider_url: string | null
          rate_limits: NonNullable<Json>
          release_date: string | null
          search: unknown
          status: Database["ai"]["Enums"]["model_status_enum"]
          succeeded_at: string | null
          successor_id: string | null
          supports: string[]
          task: string
          temperature: number | null
          typical_latency_ms: number | null
          updated_at: string
          valid_sizes: string[]
          version: string | null
        }
        SetofOptions: {
          from: "*"
          to: "models"
          isOneToOne: true
          isSetofReturn: true
        }
      }
      model_as_of: { Args: { at: string; model: string }; Returns: Json }
      models: {
        Args: { "": Database["ai"]["Views"]["all_generations"]["Row"] }
        Returns: {
          error: true
        } & "the function ai.models with parameter or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache"
        SetofOptions: {
          from: "ai.all_generations"
          to: "models"
          isOneToOne: true
          isSetofReturn: true
        }
      }
      normalize_usage: { Args: { format?: string; raw?: Json }; Returns: Json }
      pre_request: { Args: Record<PropertyKey, never>; Returns: undefined }
      preview_price: {
        Args: {
          currency?: string
          effective_from?: string
          meter: string
          model: string
          price: number
          region?: string
          service_tier?: string
          since?: string
          source?: string
          until?: string
          variant?: string
        }
        Returns: {
          changed: number
          cost_after: number
          cost_before: number
          credits_after: number
          credits_before: number
          currency: string
          generations: number
          without_cost_after: number
          without_cost_before: number
          without_credits_after: number
          without_credits_before: number
        }[]
      }
      price_changes: {
        Args: { since: string }
        Returns: {
          change: string
          changed_at: string
          context_threshold: number
          currency_after: string
          currency_before: string
          meter: string
          model: string
          model_id: string
          price_after: number
          price_before: number
          provider: string
          region: string
          service_tier: string
          unit_type: Database["ai"]["Enums"]["unit_type_enum"]
          variant: string
          window_days: number
          window_end: string
          window_start: string
          window_time_zone: string
        }[]
      }
      price_history: {
        Args: { model: string }
        Returns: {
          context_threshold: number
          currency: string
          ends_at: string
          is_public: boolean
          meter: string
          price: number
          price_per_million: number
          region: string
          service_tier: string
          source: string
          starts_at: string
          threshold_inclusive: boolean
          tier_mode: Database["ai"]["Enums"]["tier_mode_enum"]
          unit_type: Database["ai"]["Enums"]["unit_type_enum"]
          variant: string
          window_days: number
          window_end: string
          window_start: string
          window_time_zone: string
        }[]
      }
      prices_in_force: {
        Args: { at?: string; model: string }
        Returns: {
          context_threshold: number | null
          created_at: string
          currency: string
          effective_from: string
          id: string
          is_pinned: boolean
          is_public: boolean
          meter: string
          minimum_quantity: number | null
          model_id: string
          price_per_unit: number | null
          reference: string | null
          region: string | null
          revision: number
          service_tier: string
          source: string
          threshold_inclusive: boolean
          tier_mode: Database["ai"]["Enums"]["tier_mode_enum"]
          unit_type: Database["ai"]["Enums"]["unit_type_enum"]
          variant: string | null
          window_days: number | null
          window_end: string | null
          window_start: string | null
          window_time_zone: string | null
          withdrawn: boolean
        }[]
        SetofOptions: {
          from: "*"
          to: "model_pricing"
          isOneToOne: false
          isSetofReturn: true
        }
      }
      ratebook_version: { Args: Record<PropertyKey, never>; Returns: string }
      report_health: {
        Args: {
          model?: string
          provider?: string
          reason?: string
          state?: Database["ai"]["Enums"]["health_enum"]
          until?: string
        }
        Returns: undefined
      }
      retire_model: {
        Args: { model: string; reroute?: boolean; successor?: string }
        Returns: {
          capabilities: Database["ai"]["Enums"]["ai_capability_enum"][]
          capabilities_detail: NonNullable<Json>
          context_window: number | null
          created_at: string
          deleted_at: string | null
          deprecation_date: string | null
          description: string | null
          endpoint_path: string | null
          id: string
          input_defaults: NonNullable<Json>
          is_active: boolean
          is_default: boolean
          is_public: boolean
          key: string
          max_tokens: number | null
          metadata: NonNullable<Json>
          modality: string
          model_family: string | null
          model_tier: string | null
          name: string
          output_format: string | null
          price_currency: string
          price_source: string
          price_source_since: string | null
          pricing_tier: Database["ai"]["Enums"]["model_tier_enum"] | null
          priority: number
          provider: Database["ai"]["Enums"]["provider_enum"]
          provider_id: string
          provider_model_key: string | null
          provider_url: string | null
          rate_limits: NonNullable<Json>
          release_date: string | null
          search: unknown
          status: Database["ai"]["Enums"]["model_status_enum"]
          succeeded_at: string | null
          successor_id: string | null
          supports: string[]
          task: string
          temperature: number | null
          typical_latency_ms: number | null
          updated_at: string
          valid_sizes: string[]
          version: string | null
        }
        SetofOptions: {
          from: "*"
          to: "models"
          isOneToOne: true
          isSetofReturn: true
        }
      }
      route_feature: {
        Args: { feature: string; requirements?: Json; subject?: string }
        Returns: {
          cost: number
          credits: number
          currency: string
          health: Database["ai"]["Enums"]["health_enum"]
          health_until: string
          model: string
          model_id: string
          place: number
          priority: number
          provider: string
          provider_model_key: string
          share: number
          weight: number
          why: string
        }[]
      }
      schedule_price: {
        Args: {
          currency?: string
          effective_from?: string
          meter: string
          model: string
          price: number
          region?: string
          service_tier?: string
          source?: string
          variant?: string
        }
        Returns: {
          context_threshold: number | null
          created_at: string
          currency: string
          effective_from: string
          id: string
          is_pinned: boolean
          is_public: boolean
          meter: string
          minimum_quantity: number | null
          model_id: string
          price_per_unit: number | null
          reference: string | null
          region: string | null
          revision: number
          service_tier: string
          source: string
          threshold_inclusive: boolean
          tier_mode: Database["ai"]["Enums"]["tier_mode_enum"]
          unit_type: Database["ai"]["Enums"]["unit_type_enum"]
          variant: string | null
          window_days: number | null
          window_end: string | null
          window_start: string | null
          window_time_zone: string | null
          withdrawn: boolean
        }
        SetofOptions: {
          from: "*"
          to: "model_pricing"
          isOneToOne: true
          isSetofReturn: true
        }
      }
      self_check: {
        Args: Record<PropertyKey, never>
        Returns: {
          check_name: string
          message: string
          severity: string
        }[]
      }
      set_default_model: {
        Args: { model: string }
        Returns: {
          capabilities: Database["ai"]["Enums"]["ai_capability_enum"][]
          capabilities_detail: NonNullable<Json>
          context_window: number | null
          created_at: string
          deleted_at: string | null
          deprecation_date: string | null
          description: string | null
          endpoint_path: string | null
          id: string
          input_defaults: NonNullable<Json>
          is_active: boolean
          is_default: boolean
          is_public: boolean
          key: string
          max_tokens: number | null
          metadata: NonNullable<Json>
          modality: string
          model_family: string | null
          model_tier: string | null
          name: string
          output_format: string | null
          price_currency: string
          price_source: string
          price_source_since: string | null
          pricing_tier: Database["ai"]["Enums"]["model_tier_enum"] | null
          priority: number
          provider: Database["ai"]["Enums"]["provider_enum"]
          provider_id: string
          provider_model_key: string | null
          provider_url: string | null
          rate_limits: NonNullable<Json>
          release_date: string | null
          search: unknown
          status: Database["ai"]["Enums"]["model_status_enum"]
          succeeded_at: string | null
          successor_id: string | null
          supports: string[]
          task: string
          temperature: number | null
          typical_latency_ms: number | null
          updated_at: string
          valid_sizes: string[]
          version: string | null
        }
        SetofOptions: {
          from: "*"
          to: "models"
          isOneToOne: true
          isSetofReturn: true
        }
      }
      unpin_price: {
        Args: {
          meter?: string
          model: string
          region?: string
          service_tier?: string
          source?: string
          variant?: string
        }
        Returns: {
          context_threshold: number | null
          created_at: string
          currency: string
          effective_from: string
          id: string
          is_pinned: boolean
          is_public: boolean
          meter: string
          minimum_quantity: number | null
          model_id: string
          price_per_unit: number | null
          reference: string | null
          region: string | null
          revision: number
          service_tier: string
          source: string
          threshold_inclusive: boolean
          tier_mode: Database["ai"]["Enums"]["tier_mode_enum"]
          unit_type: Database["ai"]["Enums"]["unit_type_enum"]
          variant: string | null
          window_days: number | null
          window_end: string | null
          window_start: string | null
          window_time_zone: string | null
          withdrawn: boolean
        }[]
        SetofOptions: {
          from: "*"
          to: "model_pricing"
          isOneToOne: false
          isSetofReturn: true
        }
      }
      updated_by: {
        Args: { "": Database["ai"]["Tables"]["models"]["Row"] }
        Returns: {
          error: true
        } & "the function ai.updated_by with parameter or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache"
      }
    }
    Enums: {
      ai_capability_enum:
        | "text_generation"
        | "image_generation"
        | "video_generation"
        | "audio_generation"
      auth_scheme_enum: "bearer" | "header" | "query" | "none"
      generation_status_enum: "pending" | "completed" | "failed" | "cancelled"
      health_enum: "healthy" | "degraded" | "rate_limited"
      model_status_enum: "preview" | "active" | "deprecated" | "retired"
      model_tier_enum: "free" | "paid" | "enterprise"
      provider_contract_enum:
        | "openai_chat"
        | "openai_responses"
        | "anthropic_messages"
        | "gemini_generate"
        | "bedrock_converse"
        | "replicate"
      provider_enum:
        | "openai"
        | "anthropic"
        | "google"
        | "meta"
        | "midjourney"
        | "stability"
        | "mistral"
        | "other"
      tier_mode_enum: "whole_request" | "marginal"
      unit_type_enum:
        | "tokens"
        | "image"
        | "video_second"
        | "audio_second"
        | "second"
        | "character"
        | "pixel"
        | "page"
        | "request"
        | "gigabyte_day"
    }
    CompositeTypes: {
      [_ in never]: never
    }
  }
  billing: {
    Tables: {
      account_members: {
        Row: {
          account_id: string
          created_at: string
          lenser_id: string
          member_id: string
          spend_limit: number | null
          spent: number
        }
        ComputedFields: never
        Insert: {
          account_id: string
          created_at?: string
          lenser_id: string
          member_id: string
          spend_limit?: number | null
          spent?: number
        }
        Update: {
          account_id?: string
          created_at?: string
          lenser_id?: string
          member_id?: string
          spend_limit?: number | null
          spent?: number
        }
        Relationships: [
          {
            foreignKeyName: "account_members_account_id_fkey"
            columns: ["account_id", "lenser_id"]
            isOneToOne: false
            referencedRelation: "accounts"
            referencedColumns: ["id", "lenser_id"]
          },
        ]
      }
      accounts: {
        Row: {
          created_at: string
          debt: number
          entries: number
          head_id: string | null
          id: string
          is_plain: boolean
          lenser_id: string
          low_balance_mark: number | null
          months_until: string
          name: string | null
          next_event_at: string
          overdraft_limit: number
          posted: number
          reserved: number
          revoked_debt: number
          upcoming: number
          updated_at: string
          charges: {
            account_id: string
            created_at: string
            credits: number
            estimate_id: string | null
            feature_id: string | null
            feature_key: string | null
            generation_id: string | null
            hold_id: string | null
            id: string
            is_cost_reported: boolean
            is_estimated: boolean
            lenser_id: string
            lines: Json | null
            model_id: string | null
            priced_at: string
            region: string | null
            service_tier: string | null
            spender_id: string
            usage: Json | null
            variant: string | null
          } | null
          holds: {
            account_id: string
            amount: number
            charge_id: string | null
            created_at: string
            ended_at: string | null
            expires_at: string
            feature_id: string | null
            id: string
            lenser_id: string
            lots: NonNullable<Json>
            model_id: string | null
            price_currency: string | null
            price_source: string | null
            region: string | null
            service_tier: string
            spender_id: string
            status: Database["billing"]["Enums"]["hold_status_enum"]
            usage: Json | null
            variant: string | null
          } | null
          ledger_entries: {
            account_id: string
            amount: number
            balance_after: number
            charge_id: string | null
            counterpart_id: string | null
            created_at: string
            effective_at: string
            grant_id: string | null
            id: string
            kind: Database["billing"]["Enums"]["entry_kind_enum"]
            lenser_id: string
            number: number
            reason: string | null
          } | null
        }
        ComputedFields: "charges" | "holds" | "ledger_entries"
        Insert: {
          created_at?: string
          debt?: number
          entries?: number
          head_id?: string | null
          id?: string
          is_plain?: boolean
          lenser_id: string
          low_balance_mark?: number | null
          months_until?: string
          name?: string | null
          next_event_at?: string
          overdraft_limit?: number
          posted?: number
          reserved?: number
          revoked_debt?: number
          upcoming?: number
          updated_at?: string
        }
        Update: {
          created_at?: string
          debt?: number
          entries?: number
          head_id?: string | null
          id?: string
          is_plain?: boolean
          lenser_id?: string
          low_balance_mark?: number | null
          months_until?: string
          name?: string | null
          next_event_at?: string
          overdraft_limit?: number
          posted?: number
          reserved?: number
          revoked_debt?: number
          upcoming?: number
          updated_at?: string
        }
        Relationships: []
      }
      budget_periods: {
        Row: {
          budget_id: string
          counted_by: string
          ends_at: string
          lenser_id: string
          spent: number
          starts_at: string
          starts_on: string
        }
        ComputedFields: never
        Insert: {
          budget_id: string
          counted_by: string
          ends_at: string
          lenser_id: string
          spent: number
          starts_at: string
          starts_on: string
        }
        Update: {
          budget_id?: string
          counted_by?: string
          ends_at?: string
          lenser_id?: string
          spent?: number
          starts_at?: string
          starts_on?: string
        }
        Relationships: [
          {
            foreignKeyName: "budget_periods_budget_id_fkey"
            columns: ["budget_id", "lenser_id"]
            isOneToOne: false
            referencedRelation: "budgets"
            referencedColumns: ["id", "lenser_id"]
          },
        ]
      }
      budgets: {
        Row: {
          created_at: string
          feature_id: string | null
          hard_limit: number | null
          id: string
          is_active: boolean
          lenser_id: string
          model_id: string | null
          period: Database["billing"]["Enums"]["budget_period_enum"]
          soft_limit: number | null
          time_zone: string
          updated_at: string
        }
        ComputedFields: never
        Insert: {
          created_at?: string
          feature_id?: string | null
          hard_limit?: number | null
          id?: string
          is_active?: boolean
          lenser_id: string
          model_id?: string | null
          period: Database["billing"]["Enums"]["budget_period_enum"]
          soft_limit?: number | null
          time_zone?: string
          updated_at?: string
        }
        Update: {
          created_at?: string
          feature_id?: string | null
          hard_limit?: number | null
          id?: string
          is_active?: boolean
          lenser_id?: string
          model_id?: string | null
          period?: Database["billing"]["Enums"]["budget_period_enum"]
          soft_limit?: number | null
          time_zone?: string
          updated_at?: string
        }
        Relationships: []
      }
      charge_costs: {
        Row: {
          cost: number
          credit_rate_id: string
          currency: string
          id: string
          lenser_id: string
          margin_policy_id: string
          price_ids: string[]
        }
        ComputedFields: never
        Insert: {
          cost: number
          credit_rate_id: string
          currency: string
          id: string
          lenser_id: string
          margin_policy_id: string
          price_ids: string[]
        }
        Update: {
          cost?: number
          credit_rate_id?: string
          currency?: string
          id?: string
          lenser_id?: string
          margin_policy_id?: string
          price_ids?: string[]
        }
        Relationships: []
      }
      charges: {
        Row: {
          account_id: string
          created_at: string
          credits: number
          estimate_id: string | null
          feature_id: string | null
          feature_key: string | null
          generation_id: string | null
          hold_id: string | null
          id: string
          is_cost_reported: boolean
          is_estimated: boolean
          lenser_id: string
          lines: Json | null
          model_id: string | null
          priced_at: string
          region: string | null
          service_tier: string | null
          spender_id: string
          usage: Json | null
          variant: string | null
          accounts: {
            created_at: string
            debt: number
            entries: number
            head_id: string | null
            id: string
            is_plain: boolean
            lenser_id: string
            low_balance_mark: number | null
            months_until: string
            name: string | null
            next_event_at: string
            overdraft_limit: number
            posted: number
            reserved: number
            revoked_debt: number
            upcoming: number
            updated_at: string
          } | null
          generation: Database["ai"]["Tables"]["generations"]["Row"] | null
        }
        ComputedFields: "accounts" | "generation"
        Insert: {
          account_id: string
          created_at: string
          credits: number
          estimate_id?: string | null
          feature_id?: string | null
          feature_key?: string | null
          generation_id?: string | null
          hold_id?: string | null
          id: string
          is_cost_reported?: boolean
          is_estimated?: boolean
          lenser_id: string
          lines?: Json | null
          model_id?: string | null
          priced_at: string
          region?: string | null
          service_tier?: string | null
          spender_id: string
          usage?: Json | null
          variant?: string | null
        }
        Update: {
          account_id?: string
          created_at?: string
          credits?: number
          estimate_id?: string | null
          feature_id?: string | null
          feature_key?: string | null
          generation_id?: string | null
          hold_id?: string | null
          id?: string
          is_cost_reported?: boolean
          is_estimated?: boolean
          lenser_id?: string
          lines?: Json | null
          model_id?: string | null
          priced_at?: string
          region?: string | null
          service_tier?: string | null
          spender_id?: string
          usage?: Json | null
          variant?: string | null
        }
        Relationships: []
      }
      credit_rates: {
        Row: {
          created_at: string
          created_by: string | null
          credits_per_currency_unit: number
          currency: string
          effective_from: string
          id: string
          revision: number
        }
        ComputedFields: never
        Insert: {
          created_at?: string
          created_by?: string | null
          credits_per_currency_unit: number
          currency: string
          effective_from?: string
          id?: string
          revision?: number
        }
        Update: {
          created_at?: string
          created_by?: string | null
          credits_per_currency_unit?: number
          currency?: string
          effective_from?: string
          id?: string
          revision?: number
        }
        Relationships: []
      }
      execution_margin_policies: {
        Row: {
          created_at: string
          created_by: string | null
          effective_from: string
          enabled: boolean
          feature_id: string | null
          fixed_credits: number
          id: string
          increment: number
          margin: number
          min_credits: number
          minimum_applies_to_free: boolean
          model_id: string | null
          provider_id: string | null
          revision: number
          scope: string
          tier: Database["ai"]["Enums"]["model_tier_enum"] | null
        }
        ComputedFields: never
        Insert: {
          created_at?: string
          created_by?: string | null
          effective_from?: string
          enabled?: boolean
          feature_id?: string | null
          fixed_credits?: number
          id?: string
          increment?: number
          margin?: number
          min_credits?: number
          minimum_applies_to_free?: boolean
          model_id?: string | null
          provider_id?: string | null
          revision?: number
          scope?: never
          tier?: Database["ai"]["Enums"]["model_tier_enum"] | null
        }
        Update: {
          created_at?: string
          created_by?: string | null
          effective_from?: string
          enabled?: boolean
          feature_id?: string | null
          fixed_credits?: number
          id?: string
          increment?: number
          margin?: number
          min_credits?: number
          minimum_applies_to_free?: boolean
          model_id?: string | null
          provider_id?: string | null
          revision?: number
          scope?: never
          tier?: Database["ai"]["Enums"]["model_tier_enum"] | null
        }
        Relationships: []
      }
      grants: {
        Row: {
          account_id: string
          amount: number
          closed_at: string | null
          created_at: string
          expired: number
          expires_at: string | null
          external_ref: string | null
          id: string
          lenser_id: string
          priority: number
          recurring_grant_id: string | null
          remaining: number
          reserved: number
          revoked: number
          revoked_at: string | null
          source: string
          starts_at: string | null
        }
        ComputedFields: never
        Insert: {
          account_id: string
          amount: number
          closed_at?: string | null
          created_at?: string
          expired?: number
          expires_at?: string | null
          external_ref?: string | null
          id?: string
          lenser_id: string
          priority?: number
          recurring_grant_id?: string | null
          remaining?: number
          reserved?: number
          revoked?: number
          revoked_at?: string | null
          source?: string
          starts_at?: string | null
        }
        Update: {
          account_id?: string
          amount?: number
          closed_at?: string | null
          created_at?: string
          expired?: number
          expires_at?: string | null
          external_ref?: string | null
          id?: string
          lenser_id?: string
          priority?: number
          recurring_grant_id?: string | null
          remaining?: number
          reserved?: number
          revoked?: number
          revoked_at?: string | null
          source?: string
          starts_at?: string | null
        }
        Relationships: [
          {
            foreignKeyName: "grants_account_id_fkey"
            columns: ["account_id", "lenser_id"]
            isOneToOne: false
            referencedRelation: "accounts"
            referencedColumns: ["id", "lenser_id"]
          },
          {
            foreignKeyName: "grants_recurring_grant_id_fkey"
            columns: ["recurring_grant_id", "lenser_id"]
            isOneToOne: false
            referencedRelation: "recurring_grants"
            referencedColumns: ["id", "lenser_id"]
          },
        ]
      }
      holds: {
        Row: {
          account_id: string
          amount: number
          charge_id: string | null
          created_at: string
          ended_at: string | null
          expires_at: string
          feature_id: string | null
          id: string
          lenser_id: string
          lots: NonNullable<Json>
          model_id: string | null
          price_currency: string | null
          price_source: string | null
          region: string | null
          service_tier: string
          spender_id: string
          status: Database["billing"]["Enums"]["hold_status_enum"]
          usage: Json | null
          variant: string | null
          accounts: {
            created_at: string
            debt: number
            entries: number
            head_id: string | null
            id: string
            is_plain: boolean
            lenser_id: string
            low_balance_mark: number | null
            months_until: string
            name: string | null
            next_event_at: string
            overdraft_limit: number
            posted: number
            reserved: number
            revoked_debt: number
            upcoming: number
            updated_at: string
          } | null
        }
        ComputedFields: "accounts"
        Insert: {
          account_id: string
          amount: number
          charge_id?: string | null
          created_at: string
          ended_at?: string | null
          expires_at: string
          feature_id?: string | null
          id: string
          lenser_id: string
          lots: NonNullable<Json>
          model_id?: string | null
          price_currency?: string | null
          price_source?: string | null
          region?: string | null
          service_tier?: string
          spender_id: string
          status?: Database["billing"]["Enums"]["hold_status_enum"]
          usage?: Json | null
          variant?: string | null
        }
        Update: {
          account_id?: string
          amount?: number
          charge_id?: string | null
          created_at?: string
          ended_at?: string | null
          expires_at?: string
          feature_id?: string | null
          id?: string
          lenser_id?: string
          lots?: NonNullable<Json>
          model_id?: string | null
          price_currency?: string | null
          price_source?: string | null
          region?: string | null
          service_tier?: string
          spender_id?: string
          status?: Database["billing"]["Enums"]["hold_status_enum"]
          usage?: Json | null
          variant?: string | null
        }
        Relationships: []
      }
      idempotency_keys: {
        Row: {
          account_id: string
          created_at: string
          key: string
          lenser_id: string
          operation: string
          request: NonNullable<Json>
          response: NonNullable<Json>
        }
        ComputedFields: never
        Insert: {
          account_id: string
          created_at: string
          key: string
          lenser_id: string
          operation: string
          request: NonNullable<Json>
          response: NonNullable<Json>
        }
        Update: {
          account_id?: string
          created_at?: string
          key?: string
          lenser_id?: string
          operation?: string
          request?: NonNullable<Json>
          response?: NonNullable<Json>
        }
        Relationships: []
      }
      ledger_entries: {
        Row: {
          account_id: string
          amount: number
          balance_after: number
          charge_id: string | null
          counterpart_id: string | null
          created_at: string
          effective_at: string
          grant_id: string | null
          id: string
          kind: Database["billing"]["Enums"]["entry_kind_enum"]
          lenser_id: string
          number: number
          reason: string | null
          accounts: {
            created_at: string
            debt: number
            entries: number
            head_id: string | null
            id: string
            is_plain: boolean
            lenser_id: string
            low_balance_mark: number | null
            months_until: string
            name: string | null
            next_event_at: string
            overdraft_limit: number
            posted: number
            reserved: number
            revoked_debt: number
            upcoming: number
            updated_at: string
          } | null
        }
        ComputedFields: "accounts"
        Insert: {
          account_id: string
          amount: number
          balance_after: number
          charge_id?: string | null
          counterpart_id?: string | null
          created_at: string
          effective_at: string
          grant_id?: string | null
          id: string
          kind: Database["billing"]["Enums"]["entry_kind_enum"]
          lenser_id: string
          number: number
          reason?: string | null
        }
        Update: {
          account_id?: string
          amount?: number
          balance_after?: number
          charge_id?: string | null
          counterpart_id?: string | null
          created_at?: string
          effective_at?: string
          grant_id?: string | null
          id?: string
          kind?: Database["billing"]["Enums"]["entry_kind_enum"]
          lenser_id?: string
          number?: number
          reason?: string | null
        }
        Relationships: []
      }
      outbox: {
        Row: {
          account_id: string | null
          created_at: string
          delivered_at: string | null
          id: string
          lenser_id: string
          payload: NonNullable<Json>
          topic: string
        }
        ComputedFields: never
        Insert: {
          account_id?: string | null
          created_at?: string
          delivered_at?: string | null
          id?: string
          lenser_id: string
          payload: NonNullable<Json>
          topic: string
        }
        Update: {
          account_id?: string | null
          created_at?: string
          delivered_at?: string | null
          id?: string
          lenser_id?: string
          payload?: NonNullable<Json>
          topic?: string
        }
        Relationships: [
          {
            foreignKeyName: "outbox_account_id_fkey"
            columns: ["account_id", "lenser_id"]
            isOneToOne: false
            referencedRelation: "accounts"
            referencedColumns: ["id", "lenser_id"]
          },
        ]
      }
      recurring_grants: {
        Row: {
          account_id: string
          amount: number
          created_at: string
          days: number
          ends_at: string | null
          expires: boolean
          id: string
          issued: number
          lenser_id: string
          months: number
          priority: number
          source: string
          starts_at: string
        }
        ComputedFields: never
        Insert: {
          account_id: string
          amount: number
          created_at?: string
          days: number
          ends_at?: string | null
          expires: boolean
          id?: string
          issued?: number
          lenser_id: string
          months: number
          priority: number
          source: string
          starts_at: string
        }
        Update: {
          account_id?: string
          amount?: number
          created_at?: string
          days?: number
          ends_at?: string | null
          expires?: boolean
          id?: string
          issued?: number
          lenser_id?: string
          months?: number
          priority?: number
          source?: string
          starts_at?: string
        }
        Relationships: [
          {
            foreignKeyName: "recurring_grants_account_id_fkey"
            columns: ["account_id", "lenser_id"]
            isOneToOne: false
            referencedRelation: "accounts"
            referencedColumns: ["id", "lenser_id"]
          },
        ]
      }
      revocations: {
        Row: {
          account_id: string
          asked: number | null
          created_at: string
          external_ref: string | null
          from_lot: number
          grant_id: string
          held: number
          id: string
          lenser_id: string
          owed: number
          reason: string | null
          source: string
        }
        ComputedFields: never
        Insert: {
          account_id: string
          asked?: number | null
          created_at: string
          external_ref?: string | null
          from_lot: number
          grant_id: string
          held: number
          id?: string
          lenser_id: string
          owed: number
          reason?: string | null
          source: string
        }
        Update: {
          account_id?: string
          asked?: number | null
          created_at?: string
          external_ref?: string | null
          from_lot?: number
          grant_id?: string
          held?: number
          id?: string
          lenser_id?: string
          owed?: number
          reason?: string | null
          source?: string
        }
        Relationships: [
          {
            foreignKeyName: "revocations_account_id_fkey"
            columns: ["account_id", "lenser_id"]
            isOneToOne: false
            referencedRelation: "accounts"
            referencedColumns: ["id", "lenser_id"]
          },
          {
            foreignKeyName: "revocations_grant_id_fkey"
            columns: ["grant_id", "lenser_id"]
            isOneToOne: false
            referencedRelation: "grants"
            referencedColumns: ["id", "lenser_id"]
          },
        ]
      }
      settings: {
        Row: {
          enforce_entitlements: boolean
          id: boolean
          updated_at: string
        }
        ComputedFields: never
        Insert: {
          enforce_entitlements?: boolean
          id?: boolean
          updated_at?: string
        }
        Update: {
          enforce_entitlements?: boolean
          id?: boolean
          updated_at?: string
        }
        Relationships: []
      }
    }
    Views: {
      all_account_members: {
        Row: {
          account_id: string
          created_at: string
          lenser_id: string
          member_id: string
          spend_limit: number | null
          spent: number
        }
        ComputedFields: never
        Insert: {
          account_id?: string | null
          created_at?: string | null
          lenser_id?: string | null
          member_id?: string | null
          spend_limit?: number | null
          spent?: number | null
        }
        Update: {
          account_id?: string | null
          created_at?: string | null
          lenser_id?: string | null
          member_id?: string | null
          spend_limit?: number | null
          spent?: number | null
        }
        Relationships: []
      }
      all_accounts: {
        Row: {
          created_at: string
          debt: number
          entries: number
          head_id: string | null
          id: string
          is_plain: boolean
          lenser_id: string
          low_balance_mark: number | null
          months_until: string
          name: string | null
          next_event_at: string
          overdraft_limit: number
          posted: number
          reserved: number
          revoked_debt: number
          upcoming: number
          updated_at: string
        }
        ComputedFields: never
        Insert: {
          created_at?: string | null
          debt?: number | null
          entries?: number | null
          head_id?: string | null
          id?: string | null
          is_plain?: boolean | null
          lenser_id?: string | null
          low_balance_mark?: number | null
          months_until?: string | null
          name?: string | null
          next_event_at?: string | null
          overdraft_limit?: number | null
          posted?: number | null
          reserved?: number | null
          revoked_debt?: number | null
          upcoming?: number | null
          updated_at?: string | null
        }
        Update: {
          created_at?: string | null
          debt?: number | null
          entries?: number | null
          head_id?: string | null
          id?: string | null
          is_plain?: boolean | null
          lenser_id?: string | null
          low_balance_mark?: number | null
          months_until?: string | null
          name?: string | null
          next_event_at?: string | null
          overdraft_limit?: number | null
          posted?: number | null
          reserved?: number | null
          revoked_debt?: number | null
          upcoming?: number | null
          updated_at?: string | null
        }
        Relationships: []
      }
      all_budget_periods: {
        Row: {
          budget_id: string
          counted_by: string
          ends_at: string
          lenser_id: string
          spent: number
          starts_at: string
          starts_on: string
        }
        ComputedFields: never
        Insert: {
          budget_id?: string | null
          counted_by?: string | null
          ends_at?: string | null
          lenser_id?: string | null
          spent?: number | null
          starts_at?: string | null
          starts_on?: string | null
        }
        Update: {
          budget_id?: string | null
          counted_by?: string | null
          ends_at?: string | null
          lenser_id?: string | null
          spent?: number | null
          starts_at?: string | null
          starts_on?: string | null
        }
        Relationships: []
      }
      all_budgets: {
        Row: {
          created_at: string
          feature_id: string | null
          hard_limit: number | null
          id: string
          is_active: boolean
          lenser_id: string
          model_id: string | null
          period: Database["billing"]["Enums"]["budget_period_enum"]
          soft_limit: number | null
          time_zone: string
          updated_at: string
        }
        ComputedFields: never
        Insert: {
          created_at?: string | null
          feature_id?: string | null
          hard_limit?: number | null
          id?: string | null
          is_active?: boolean | null
          lenser_id?: string | null
          model_id?: string | null
          period?: Database["billing"]["Enums"]["budget_period_enum"] | null
          soft_limit?: number | null
          time_zone?: string | null
          updated_at?: string | null
        }
        Update: {
          created_at?: string | null
          feature_id?: string | null
          hard_limit?: number | null
          id?: string | null
          is_active?: boolean | null
          lenser_id?: string | null
          model_id?: string | null
          period?: Database["billing"]["Enums"]["budget_period_enum"] | null
          soft_limit?: number | null
          time_zone?: string | null
          updated_at?: string | null
        }
        Relationships: []
      }
      all_charges: {
        Row: {
          account_id: string
          created_at: string
          credits: number
          estimate_id: string | null
          feature_id: string | null
          feature_key: string | null
          generation_id: string | null
          hold_id: string | null
          id: string
          is_cost_reported: boolean
          is_estimated: boolean
          lenser_id: string
          lines: Json | null
          model_id: string | null
          priced_at: string
          region: string | null
          service_tier: string | null
          spender_id: string
          usage: Json | null
          variant: string | null
          accounts: {
            created_at: string
            debt: number
            entries: number
            head_id: string | null
            id: string
            is_plain: boolean
            lenser_id: string
            low_balance_mark: number | null
            months_until: string
            name: string | null
            next_event_at: string
            overdraft_limit: number
            posted: number
            reserved: number
            revoked_debt: number
            upcoming: number
            updated_at: string
          } | null
          generation: Database["ai"]["Views"]["all_generations"]["Row"] | null
        }
        ComputedFields: "accounts" | "generation"
        Insert: {
          account_id?: string | null
          created_at?: string | null
          credits?: number | null
          estimate_id?: string | null
          feature_id?: string | null
          feature_key?: string | null
          generation_id?: string | null
          hold_id?: string | null
          id?: string | null
          is_cost_reported?: boolean | null
          is_estimated?: boolean | null
          lenser_id?: string | null
          lines?: Json | null
          model_id?: string | null
          priced_at?: string | null
          region?: string | null
          service_tier?: string | null
          spender_id?: string | null
          usage?: Json | null
          variant?: string | null
        }
        Update: {
          account_id?: string | null
          created_at?: string | null
          credits?: number | null
          estimate_id?: string | null
          feature_id?: string | null
          feature_key?: string | null
          generation_id?: string | null
          hold_id?: string | null
          id?: string | null
          is_cost_reported?: boolean | null
          is_estimated?: boolean | null
          lenser_id?: string | null
          lines?: Json | null
          model_id?: string | null
          priced_at?: string | null
          region?: string | null
          service_tier?: string | null
          spender_id?: string | null
          usage?: Json | null
          variant?: string | null
        }
        Relationships: []
      }
      all_grants: {
        Row: {
          account_id: string
          amount: number
          closed_at: string | null
          created_at: string
          expired: number
          expires_at: string | null
          external_ref: string | null
          id: string
          lenser_id: string
          priority: number
          recurring_grant_id: string | null
          remaining: number
          reserved: number
          revoked: number
          revoked_at: string | null
          source: string
          starts_at: string | null
        }
        ComputedFields: never
        Insert: {
          account_id?: string | null
          amount?: number | null
          closed_at?: string | null
          created_at?: string | null
          expired?: number | null
          expires_at?: string | null
          external_ref?: string | null
          id?: string | null
          lenser_id?: string | null
          priority?: number | null
          recurring_grant_id?: string | null
          remaining?: number | null
          reserved?: number | null
          revoked?: number | null
          revoked_at?: string | null
          source?: string | null
          starts_at?: string | null
        }
        Update: {
          account_id?: string | null
          amount?: number | null
          closed_at?: string | null
          created_at?: string | null
          expired?: number | null
          expires_at?: string | null
          external_ref?: string | null
          id?: string | null
          lenser_id?: string | null
          priority?: number | null
          recurring_grant_id?: string | null
          remaining?: number | null
          reserved?: number | null
          revoked?: number | null
          revoked_at?: string | null
          source?: string | null
          starts_at?: string | null
        }
        Relationships: []
      }
      all_holds: {
        Row: {
          account_id: string
          amount: number
          charge_id: string | null
          created_at: string
          ended_at: string | null
          expires_at: string
          feature_id: string | null
          id: string
          lenser_id: string
          lots: NonNullable<Json>
          model_id: string | null
          price_currency: string | null
          price_source: string | null
          region: string | null
          service_tier: string
          spender_id: string
          status: Database["billing"]["Enums"]["hold_status_enum"]
          usage: Json | null
          variant: string | null
          accounts: {
            created_at: string
            debt: number
            entries: number
            head_id: string | null
            id: string
            is_plain: boolean
            lenser_id: string
            low_balance_mark: number | null
            months_until: string
            name: string | null
            next_event_at: string
            overdraft_limit: number
            posted: number
            reserved: number
            revoked_debt: number
            upcoming: number
            updated_at: string
          } | null
        }
        ComputedFields: "accounts"
        Insert: {
          account_id?: string | null
          amount?: number | null
          charge_id?: string | null
          created_at?: string | null
          ended_at?: string | null
          expires_at?: string | null
          feature_id?: string | null
          id?: string | null
          lenser_id?: string | null
          lots?: Json | null
          model_id?: string | null
          price_currency?: string | null
          price_source?: string | null
          region?: string | null
          service_tier?: string | null
          spender_id?: string | null
          status?: Database["billing"]["Enums"]["hold_status_enum"] | null
          usage?: Json | null
          variant?: string | null
        }
        Update: {
          account_id?: string | null
          amount?: number | null
          charge_id?: string | null
          created_at?: string | null
          ended_at?: string | null
          expires_at?: string | null
          feature_id?: string | null
          id?: string | null
          lenser_id?: string | null
          lots?: Json | null
          model_id?: string | null
          price_currency?: string | null
          price_source?: string | null
          region?: string | null
          service_tier?: string | null
          spender_id?: string | null
          status?: Database["billing"]["Enums"]["hold_status_enum"] | null
          usage?: Json | null
          variant?: string | null
        }
        Relationships: []
      }
      all_ledger_entries: {
        Row: {
          account_id: string
          amount: number
          balance_after: number
          charge_id: string | null
          counterpart_id: string | null
          created_at: string
          effective_at: string
          grant_id: string | null
          id: string
          kind: Database["billing"]["Enums"]["entry_kind_enum"]
          lenser_id: string
          number: number
          reason: string | null
          accounts: {
            created_at: string
            debt: number
            entries: number
            head_id: string | null
            id: string
            is_plain: boolean
            lenser_id: string
            low_balance_mark: number | null
            months_until: string
            name: string | null
            next_event_at: string
            overdraft_limit: number
            posted: number
            reserved: number
            revoked_debt: number
            upcoming: number
            updated_at: string
          } | null
        }
        ComputedFields: "accounts"
        Insert: {
          account_id?: string | null
          amount?: number | null
          balance_after?: number | null
          charge_id?: string | null
          counterpart_id?: string | null
          created_at?: string | null
          effective_at?: string | null
          grant_id?: string | null
          id?: string | null
          kind?: Database["billing"]["Enums"]["entry_kind_enum"] | null
          lenser_id?: string | null
          number?: number | null
          reason?: string | null
        }
        Update: {
          account_id?: string | null
          amount?: number | null
          balance_after?: number | null
          charge_id?: string | null
          counterpart_id?: string | null
          created_at?: string | null
          effective_at?: string | null
          grant_id?: string | null
          id?: string | null
          kind?: Database["billing"]["Enums"]["entry_kind_enum"] | null
          lenser_id?: string | null
          number?: number | null
          reason?: string | null
        }
        Relationships: []
      }
      all_outbox: {
        Row: {
          account_id: string | null
          created_at: string
          delivered_at: string | null
          id: string
          lenser_id: string
          payload: NonNullable<Json>
          topic: string
        }
        ComputedFields: never
        Insert: {
          account_id?: string | null
          created_at?: string | null
          delivered_at?: string | null
          id?: string | null
          lenser_id?: string | null
          payload?: Json | null
          topic?: string | null
        }
        Update: {
          account_id?: string | null
          created_at?: string | null
          delivered_at?: string | null
          id?: string | null
          lenser_id?: string | null
          payload?: Json | null
          topic?: string | null
        }
        Relationships: []
      }
      all_recurring_grants: {
        Row: {
          account_id: string
          amount: number
          created_at: string
          days: number
          ends_at: string | null
          expires: boolean
          id: string
          issued: number
          lenser_id: string
          months: number
          priority: number
          source: string
          starts_at: string
        }
        ComputedFields: never
        Insert: {
          account_id?: string | null
          amount?: number | null
          created_at?: string | null
          days?: number | null
          ends_at?: string | null
          expires?: boolean | null
          id?: string | null
          issued?: number | null
          lenser_id?: string | null
          months?: number | null
          priority?: number | null
          source?: string | null
          starts_at?: string | null
        }
        Update: {
          account_id?: string | null
          amount?: number | null
          created_at?: string | null
          days?: number | null
          ends_at?: string | null
          expires?: boolean | null
          id?: string | null
          issued?: number | null
          lenser_id?: string | null
          months?: number | null
          priority?: number | null
          source?: string | null
          starts_at?: string | null
        }
        Relationships: []
      }
      all_revocations: {
        Row: {
          account_id: string
          asked: number | null
          created_at: string
          external_ref: string | null
          from_lot: number
          grant_id: string
          held: number
          id: string
          lenser_id: string
          owed: number
          reason: string | null
          source: string
        }
        ComputedFields: never
        Insert: {
          account_id?: string | null
          asked?: number | null
          created_at?: string | null
          external_ref?: string | null
          from_lot?: number | null
          grant_id?: string | null
          held?: number | null
          id?: string | null
          lenser_id?: string | null
          owed?: number | null
          reason?: string | null
          source?: string | null
        }
        Update: {
          account_id?: string | null
          asked?: number | null
          created_at?: string | null
          external_ref?: string | null
          from_lot?: number | null
          grant_id?: string | null
          held?: number | null
          id?: string | null
          lenser_id?: string | null
          owed?: number | null
          reason?: string | null
          source?: string | null
        }
        Relationships: []
      }
      balances: {
        Row: {
          account_id: string | null
          available: number | null
          debt: number | null
          lenser_id: string | null
          low_balance_mark: number | null
          name: string | null
          overdraft_limit: number | null
          posted: number | null
          reserved: number | null
          upcoming: number | null
        }
        ComputedFields: never
        Insert: {
          account_id?: string | null
          available?: number | null
          debt?: number | null
          lenser_id?: string | null
          low_balance_mark?: number | null
          name?: string | null
          overdraft_limit?: number | null
          posted?: number | null
          reserved?: number | null
          upcoming?: number | null
        }
        Update: {
          account_id?: string | null
          available?: number | null
          debt?: number | null
          lenser_id?: string | null
          low_balance_mark?: number | null
          name?: string | null
          overdraft_limit?: number | null
          posted?: number | null
          reserved?: number | null
          upcoming?: number | null
        }
        Relationships: []
      }
    }
    Functions: {
      accounts:
        | {
            Args: { "": Database["billing"]["Views"]["all_charges"]["Row"] }
            Returns: {
              error: true
            } & "the function billing.accounts with parameter or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache"
            SetofOptions: {
              from: "billing.all_charges"
              to: "all_accounts"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: { "": Database["billing"]["Views"]["all_holds"]["Row"] }
            Returns: {
              error: true
            } & "the function billing.accounts with parameter or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache"
            SetofOptions: {
              from: "billing.all_holds"
              to: "all_accounts"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: {
              "": Database["billing"]["Views"]["all_ledger_entries"]["Row"]
            }
            Returns: {
              error: true
            } & "the function billing.accounts with parameter or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache"
            SetofOptions: {
              from: "billing.all_ledger_entries"
              to: "all_accounts"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: { "": Database["billing"]["Tables"]["charges"]["Row"] }
            Returns: {
              error: true
            } & "the function billing.accounts with parameter or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache"
            SetofOptions: {
              from: "billing.charges"
              to: "accounts"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: { "": Database["billing"]["Tables"]["holds"]["Row"] }
            Returns: {
              error: true
            } & "the function billing.accounts with parameter or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache"
            SetofOptions: {
              from: "billing.holds"
              to: "accounts"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: { "": Database["billing"]["Tables"]["ledger_entries"]["Row"] }
            Returns: {
              error: true
            } & "the function billing.accounts with parameter or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache"
            SetofOptions: {
              from: "billing.ledger_entries"
              to: "accounts"
              isOneToOne: true
              isSetofReturn: true
            }
          }
      authorize_credits: {
        Args: {
          account: string
          amount?: number
          expires_in?: string
          feature?: string
          format?: string
          idempotency_key?: string
          lenser?: string
          model?: string
          owner?: string
          region?: string
          service_tier?: string
          usage?: Json
          variant?: string
        }
        Returns: Json
      }
      balance_history: {
        Args: {
          account: string
          bucket?: string
          owner?: string
          since: string
          time_zone?: string
          until?: string
        }
        Returns: {
          balance: number
          ends_at: string
          starts_at: string
        }[]
      }
      calculate_credit_cost: {
        Args: {
          at?: string
          feature?: string
          format?: string
          model: string
          region?: string
          service_tier?: string
          usage: Json
          variant?: string
        }
        Returns: number
      }
      capture_hold: {
        Args: {
          amount?: number
          estimated?: boolean
          format?: string
          generation?: string
          hold: string
          idempotency_key?: string
          latency_ms?: number
          output?: string
          owner?: string
          prompt?: string
          reported_cost?: number
          reported_currency?: string
          usage?: Json
        }
        Returns: Json
      }
      charge_generation: {
        Args: {
          account: string
          estimated?: boolean
          feature?: string
          format?: string
          generation?: string
          idempotency_key?: string
          latency_ms?: number
          lenser?: string
          model: string
          output?: string
          owner?: string
          prompt?: string
          region?: string
          reported_cost?: number
          reported_currency?: string
          service_tier?: string
          usage?: Json
          variant?: string
        }
        Returns: Json
      }
      charge_generations: { Args: { requests: Json }; Returns: Json }
      charges: {
        Args: { "": Database["billing"]["Tables"]["accounts"]["Row"] }
        Returns: {
          error: true
        } & "the function billing.charges with parameter or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache"
        SetofOptions: {
          from: "billing.accounts"
          to: "charges"
          isOneToOne: false
          isSetofReturn: true
        }
      }
      check_usage: {
        Args: { month?: string }
        Returns: {
          check_name: string
          message: string
          severity: string
        }[]
      }
      compare: {
        Args: {
          at?: string
          feature?: string
          format?: string
          models: string[]
          region?: string
          service_tier?: string
          usage: Json
          variant?: string
        }
        Returns: {
          asked: string
          cost: number
          credits: number
          currency: string
          error: string
          index: number
          is_active: boolean
          model: string
          model_id: string
          name: string
          provider: string
          reason: string
        }[]
      }
      create_recurring_grant: {
        Args: {
          account: string
          amount: number
          ends_at?: string
          every?: string
          expires?: boolean
          idempotency_key?: string
          owner?: string
          priority?: number
          source?: string
          starts_at?: string
        }
        Returns: string
      }
      cut_hold: {
        Args: {
          format?: string
          generation?: string
          hold: string
          idempotency_key?: string
          latency_ms?: number
          output?: string
          owner?: string
          prompt?: string
          streamed_bytes?: number
          streamed_tokens?: number
          usage?: Json
        }
        Returns: Json
      }
      drain_usage: { Args: { at_most?: number }; Returns: number }
      end_recurring_grant: {
        Args: { owner?: string; recurring_grant: string }
        Returns: boolean
      }
      forecast_month: {
        Args: { confidence?: number; owner?: string; time_zone?: string }
        Returns: {
          confidence: number
          currency: string
          days_of_history: number
          ends_at: string
          expected: number
          high: number
          low: number
          measure: string
          reason: string
          so_far: number
          starts_at: string
        }[]
      }
      generation:
        | {
            Args: { "": Database["billing"]["Views"]["all_charges"]["Row"] }
            Returns: {
              error: true
            } & "the function billing.generation with parameter or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache"
            SetofOptions: {
              from: "billing.all_charges"
              to: "all_generations"
              isOneToOne: true
              isSetofReturn: true
            }
          }
        | {
            Args: { "": Database["billing"]["Tables"]["charges"]["Row"] }
            Returns: {
              error: true
            } & "the function billing.generation with parameter or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache"
            SetofOptions: {
              from: "billing.charges"
              to: "generations"
              isOneToOne: true
              isSetofReturn: true
            }
          }
      get_balance: {
        Args: { account: string; at?: string; owner?: string }
        Returns: Json
      }
      grant_credits: {
        Args: {
          account: string
          amount: number
          expires_at?: string
          external_ref?: string
          idempotency_key?: string
          owner?: string
          priority?: number
          source?: string
          starts_at?: string
        }
        Returns: Json
      }
      holds: {
        Args: { "": Database["billing"]["Tables"]["accounts"]["Row"] }
        Returns: {
          error: true
        } & "the function billing.holds with parameter or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache"
        SetofOptions: {
          from: "billing.accounts"
          to: "holds"
          isOneToOne: false
          isSetofReturn: true
        }
      }
      ledger_entries: {
        Args: { "": Database["billing"]["Tables"]["accounts"]["Row"] }
        Returns: {
          error: true
        } & "the function billing.ledger_entries with parameter or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache"
        SetofOptions: {
          from: "billing.accounts"
          to: "ledger_entries"
          isOneToOne: false
          isSetofReturn: true
        }
      }
      move_credits: {
        Args: {
          amount: number
          from_account: string
          from_owner?: string
          idempotency_key?: string
          reason?: string
          to_account: string
          to_owner?: string
        }
        Returns: Json
      }
      purge: {
        Args: {
          at_most?: number
          budget_periods?: string
          keys?: string
          signals?: string
        }
        Returns: Json
      }
      quote: {
        Args: {
          at?: string
          feature?: string
          format?: string
          model: string
          region?: string
          service_tier?: string
          usage: Json
          variant?: string
        }
        Returns: Json
      }
      quote_many: {
        Args: { requests: Json }
        Returns: {
          cost: number
          credits: number
          currency: string
          index: number
          model: string
        }[]
      }
      rebuild_usage: { Args: { month?: string }; Returns: number }
      refund_charge: {
        Args: {
          amount?: number
          charge: string
          extend_to?: string
          idempotency_key?: string
          owner?: string
          reason?: string
        }
        Returns: Json
      }
      release_hold: { Args: { hold: string; owner?: string }; Returns: Json }
      remove_member: {
        Args: { account: string; member: string; owner?: string }
        Returns: boolean
      }
      reprice_generations: {
        Args: {
          at?: string
          margin?: number
          model?: string
          price_source?: string
          since: string
          until: string
        }
        Returns: {
          cost: number
          credits: number
          currency: string
          feature_key: string
          generation_id: string
          lenser_id: string
          model_id: string
        }[]
      }
      reprice_summary: {
        Args: {
          at?: string
          by?: string
          margin?: number
          model?: string
          price_source?: string
          since: string
          time_zone?: string
          until: string
        }
        Returns: {
          cost: number
          credits: number
          currency: string
          generations: number
          id: string
          key: string
          without_cost: number
          without_credits: number
        }[]
      }
      revoke_grant: {
        Args: {
          amount?: number
          external_ref?: string
          idempotency_key?: string
          lot?: string
          owner?: string
          payment_ref?: string
          payment_source?: string
          reason?: string
        }
        Returns: Json
      }
      self_check: {
        Args: { from_account?: string; since?: string; to_account?: string }
        Returns: {
          check_name: string
          message: string
          severity: string
        }[]
      }
      set_member: {
        Args: {
          account: string
          member: string
          owner?: string
          spend_limit?: number
        }
        Returns: undefined
      }
      settle_charge: {
        Args: {
          amount?: number
          charge: string
          format?: string
          idempotency_key?: string
          owner?: string
          reported_cost?: number
          reported_currency?: string
          usage?: Json
        }
        Returns: Json
      }
      statement: {
        Args: {
          account: string
          after?: string
          at_most?: number
          newest_first?: boolean
          owner?: string
          since?: string
          until?: string
        }
        Returns: {
          account_id: string
          amount: number
          balance_after: number
          charge_id: string
          counterpart_id: string
          created_at: string
          effective_at: string
          feature: string
          generation_id: string
          grant_id: string
          id: string
          kind: Database["billing"]["Enums"]["entry_kind_enum"]
          lenser_id: string
          model: string
          model_id: string
          number: number
          reason: string
          source: string
          spender_id: string
          usage: Json
        }[]
      }
      sweep_accounts: { Args: { at_most?: number }; Returns: number }
      usage: {
        Args: {
          bucket?: string
          by?: string
          owner?: string
          since: string
          time_zone?: string
          until: string
        }
        Returns: Database["billing"]["CompositeTypes"]["usage_bucket"][]
        SetofOptions: {
          from: "*"
          to: "usage_bucket"
          isOneToOne: false
          isSetofReturn: true
        }
      }
    }
    Enums: {
      budget_period_enum: "day" | "week" | "month"
      entry_kind_enum:
        | "grant"
        | "repayment"
        | "charge"
        | "refund"
        | "expiry"
        | "revocation"
        | "move"
      hold_status_enum: "open" | "captured" | "released" | "expired"
    }
    CompositeTypes: {
      usage_bucket: {
        starts_at: string | null
        ends_at: string | null
        id: string | null
        key: string | null
        requests: number | null
        failures: number | null
        charges: number | null
        quantities: Json | null
        credits: number | null
        refunded: number | null
        net: number | null
        latency_p50: number | null
        latency_p95: number | null
        latency_error: number | null
        cost: Json | null
        margin: number | null
      }
    }
  }
  compat: {
    Tables: {
      [_ in never]: never
    }
    Views: {
      ai_model_config: {
        Row: {
          context_window: number | null
          cost_per_image: string | null
          created_at: string
          description: string | null
          display_name: string
          input_cost_per_1m: string | null
          is_active: boolean
          is_default: boolean
          max_output_tokens: number | null
          model_name: string
          model_type: string
          output_cost_per_1m: string | null
          pricing_display: string | null
          provider: string
          sort_order: number
          supports_function_calling: boolean | null
          supports_json_mode: boolean | null
          supports_vision: boolean | null
          updated_at: string
          updated_by: string | null
          valid_sizes: string[]
        }
        ComputedFields: never
        Insert: {
          context_window?: number | null
          cost_per_image?: string | null
          created_at?: string | null
          description?: string | null
          display_name?: string | null
          input_cost_per_1m?: string | null
          is_active?: boolean | null
          is_default?: boolean | null
          max_output_tokens?: number | null
          model_name?: string | null
          model_type?: string | null
          output_cost_per_1m?: string | null
          pricing_display?: string | null
          provider?: string | null
          sort_order?: number | null
          supports_function_calling?: boolean | null
          supports_json_mode?: boolean | null
          supports_vision?: boolean | null
          updated_at?: string | null
          updated_by?: string | null
          valid_sizes?: string[] | null
        }
        Update: {
          context_window?: number | null
          cost_per_image?: string | null
          created_at?: string | null
          description?: string | null
          display_name?: string | null
          input_cost_per_1m?: string | null
          is_active?: boolean | null
          is_default?: boolean | null
          max_output_tokens?: number | null
          model_name?: string | null
          model_type?: string | null
          output_cost_per_1m?: string | null
          pricing_display?: string | null
          provider?: string | null
          sort_order?: number | null
          supports_function_calling?: boolean | null
          supports_json_mode?: boolean | null
          supports_vision?: boolean | null
          updated_at?: string | null
          updated_by?: string | null
          valid_sizes?: string[] | null
        }
        Relationships: []
      }
      api_model_stats: {
        Row: {
          api_model_id: string
          average_rating: number | null
          completed: number | null
          display_name: string
          failed: number | null
          total: number | null
        }
        ComputedFields: never
        Insert: {
          api_model_id?: string | null
          average_rating?: number | null
          completed?: number | null
          display_name?: string | null
          failed?: number | null
          total?: number | null
        }
        Update: {
          api_model_id?: string | null
          average_rating?: number | null
          completed?: number | null
          display_name?: string | null
          failed?: number | null
          total?: number | null
        }
        Relationships: []
      }
      api_models: {
        Row: {
          capabilities: NonNullable<Json>
          created_at: string
          created_by: string | null
          display_name: string
          endpoint_path: string | null
          id: string
          input_defaults: NonNullable<Json>
          is_active: boolean
          is_default: boolean
          modality: string
          model_family: string | null
          model_key: string | null
          output_format: string | null
          pricing: Json | null
          priority: number
          provider_id: string
          task: string
          updated_at: string
          version: string | null
          jobs: {
            api_model_id: string | null
            created_at: string | null
            id: string | null
            latency_ms: number | null
            output: string | null
            prompt: string | null
            quality_rating: number | null
            status: Database["ai"]["Enums"]["generation_status_enum"] | null
            user_id: string | null
          } | null
        }
        ComputedFields: "jobs"
        Insert: {
          capabilities?: Json | null
          created_at?: string | null
          created_by?: string | null
          display_name?: string | null
          endpoint_path?: string | null
          id?: string | null
          input_defaults?: Json | null
          is_active?: boolean | null
          is_default?: boolean | null
          modality?: string | null
          model_family?: string | null
          model_key?: string | null
          output_format?: string | null
          pricing?: Json | null
          priority?: number | null
          provider_id?: string | null
          task?: string | null
          updated_at?: string | null
          version?: string | null
        }
        Update: {
          capabilities?: Json | null
          created_at?: string | null
          created_by?: string | null
          display_name?: string | null
          endpoint_path?: string | null
          id?: string | null
          input_defaults?: Json | null
          is_active?: boolean | null
          is_default?: boolean | null
          modality?: string | null
          model_family?: string | null
          model_key?: string | null
          output_format?: string | null
          pricing?: Json | null
          priority?: number | null
          provider_id?: string | null
          task?: string | null
          updated_at?: string | null
          version?: string | null
        }
        Relationships: [
          {
            foreignKeyName: "models_provider_id_fkey"
            columns: ["provider_id"]
            isOneToOne: false
            referencedRelation: "api_providers"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "models_provider_id_fkey"
            columns: ["provider_id"]
            isOneToOne: false
            referencedRelation: "llm_providers"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "models_provider_id_fkey"
            columns: ["provider_id"]
            isOneToOne: false
            referencedRelation: "providers"
            referencedColumns: ["id"]
          },
        ]
      }
      api_providers: {
        Row: {
          auth_scheme: Database["ai"]["Enums"]["auth_scheme_enum"]
          base_url: string | null
          created_at: string
          display_name: string
          id: string
          is_active: boolean
          name: string
          updated_at: string
        }
        ComputedFields: never
        Insert: {
          auth_scheme?: Database["ai"]["Enums"]["auth_scheme_enum"] | null
          base_url?: string | null
          created_at?: string | null
          display_name?: string | null
          id?: string | null
          is_active?: boolean | null
          name?: string | null
          updated_at?: string | null
        }
        Update: {
          auth_scheme?: Database["ai"]["Enums"]["auth_scheme_enum"] | null
          base_url?: string | null
          created_at?: string | null
          display_name?: string | null
          id?: string | null
          is_active?: boolean | null
          name?: string | null
          updated_at?: string | null
        }
        Relationships: []
      }
      jobs: {
        Row: {
          api_model_id: string | null
          created_at: string | null
          id: string | null
          latency_ms: number | null
          output: string | null
          prompt: string | null
          quality_rating: number | null
          status: Database["ai"]["Enums"]["generation_status_enum"] | null
          user_id: string | null
          api_models: {
            capabilities: NonNullable<Json>
            created_at: string
            created_by: string | null
            display_name: string
            endpoint_path: string | null
            id: string
            input_defaults: NonNullable<Json>
            is_active: boolean
            is_default: boolean
            modality: string
            model_family: string | null
            model_key: string | null
            output_format: string | null
            pricing: Json | null
            priority: number
            provider_id: string
            task: string
            updated_at: string
            version: string | null
          } | null
        }
        ComputedFields: "api_models"
        Insert: {
          api_model_id?: string | null
          created_at?: string | null
          id?: string | null
          latency_ms?: number | null
          output?: string | null
          prompt?: string | null
          quality_rating?: number | null
          status?: Database["ai"]["Enums"]["generation_status_enum"] | null
          user_id?: string | null
        }
        Update: {
          api_model_id?: string | null
          created_at?: string | null
          id?: string | null
          latency_ms?: number | null
          output?: string | null
          prompt?: string | null
          quality_rating?: number | null
          status?: Database["ai"]["Enums"]["generation_status_enum"] | null
          user_id?: string | null
        }
        Relationships: []
      }
      llm_models: {
        Row: {
          capabilities: NonNullable<Json>
          context_window: number | null
          created_at: string
          deleted_at: string | null
          deprecation_date: string | null
          id: string
          max_output_tokens: number | null
          metadata: NonNullable<Json>
          model_family: string | null
          model_key: string | null
          model_name: string | null
          model_tier: string | null
          model_version: string | null
          pricing: Json | null
          provider_id: string
          rate_limits: NonNullable<Json>
          release_date: string | null
          status: string | null
          supports_audio: boolean | null
          supports_function_calling: boolean | null
          supports_streaming: boolean | null
          supports_system_prompt: boolean | null
          supports_vision: boolean | null
          typical_latency_ms: number | null
          updated_at: string
        }
        ComputedFields: never
        Insert: {
          capabilities?: Json | null
          context_window?: number | null
          created_at?: string | null
          deleted_at?: string | null
          deprecation_date?: string | null
          id?: string | null
          max_output_tokens?: number | null
          metadata?: Json | null
          model_family?: string | null
          model_key?: string | null
          model_name?: string | null
          model_tier?: string | null
          model_version?: string | null
          pricing?: Json | null
          provider_id?: string | null
          rate_limits?: Json | null
          release_date?: string | null
          status?: string | null
          supports_audio?: boolean | null
          supports_function_calling?: boolean | null
          supports_streaming?: boolean | null
          supports_system_prompt?: boolean | null
          supports_vision?: boolean | null
          typical_latency_ms?: number | null
          updated_at?: string | null
        }
        Update: {
          capabilities?: Json | null
          context_window?: number | null
          created_at?: string | null
          deleted_at?: string | null
          deprecation_date?: string | null
          id?: string | null
          max_output_tokens?: number | null
          metadata?: Json | null
          model_family?: string | null
          model_key?: string | null
          model_name?: string | null
          model_tier?: string | null
          model_version?: string | null
          pricing?: Json | null
          provider_id?: string | null
          rate_limits?: Json | null
          release_date?: string | null
          status?: string | null
          supports_audio?: boolean | null
          supports_function_calling?: boolean | null
          supports_streaming?: boolean | null
          supports_system_prompt?: boolean | null
          supports_vision?: boolean | null
          typical_latency_ms?: number | null
          updated_at?: string | null
        }
        Relationships: [
          {
            foreignKeyName: "models_provider_id_fkey"
            columns: ["provider_id"]
            isOneToOne: false
            referencedRelation: "api_providers"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "models_provider_id_fkey"
            columns: ["provider_id"]
            isOneToOne: false
            referencedRelation: "llm_providers"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "models_provider_id_fkey"
            columns: ["provider_id"]
            isOneToOne: false
            referencedRelation: "providers"
            referencedColumns: ["id"]
          },
        ]
      }
      llm_providers: {
        Row: {
          api_base_url: string | null
          created_at: string
          id: string
          is_active: boolean
          provider_key: string
          provider_name: string
          updated_at: string
        }
        ComputedFields: never
        Insert: {
          api_base_url?: string | null
          created_at?: string | null
          id?: string | null
          is_active?: boolean | null
          provider_key?: string | null
          provider_name?: string | null
          updated_at?: string | null
        }
        Update: {
          api_base_url?: string | null
          created_at?: string | null
          id?: string | null
          is_active?: boolean | null
          provider_key?: string | null
          provider_name?: string | null
          updated_at?: string | null
        }
        Relationships: []
      }
      model_profiles: {
        Row: {
          canonical_equivalent_id: string | null
          canonical_revision: number | null
          created_at: string
          disabled: boolean
          id: string
          is_canonical: boolean
          max_tokens: number | null
          model: string
          name: string
          provider_id: string
          system_prompt: string | null
          temperature: number | null
          updated_at: string
        }
        ComputedFields: never
        Insert: {
          canonical_equivalent_id?: string | null
          canonical_revision?: number | null
          created_at?: string | null
          disabled?: boolean | null
          id?: string | null
          is_canonical?: boolean | null
          max_tokens?: number | null
          model?: string | null
          name?: string | null
          provider_id?: string | null
          system_prompt?: string | null
          temperature?: number | null
          updated_at?: string | null
        }
        Update: {
          canonical_equivalent_id?: string | null
          canonical_revision?: number | null
          created_at?: string | null
          disabled?: boolean | null
          id?: string | null
          is_canonical?: boolean | null
          max_tokens?: number | null
          model?: string | null
          name?: string | null
          provider_id?: string | null
          system_prompt?: string | null
          temperature?: number | null
          updated_at?: string | null
        }
        Relationships: [
          {
            foreignKeyName: "model_profiles_canonical_equivalent_id_fkey"
            columns: ["canonical_equivalent_id"]
            isOneToOne: false
            referencedRelation: "model_profiles"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "model_profiles_provider_id_fkey"
            columns: ["provider_id"]
            isOneToOne: false
            referencedRelation: "api_providers"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "model_profiles_provider_id_fkey"
            columns: ["provider_id"]
            isOneToOne: false
            referencedRelation: "llm_providers"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "model_profiles_provider_id_fkey"
            columns: ["provider_id"]
            isOneToOne: false
            referencedRelation: "providers"
            referencedColumns: ["id"]
          },
        ]
      }
      providers: {
        Row: {
          auth: Json | null
          base_url: string | null
          canonical_equivalent_id: string | null
          canonical_revision: number | null
          contract: Database["ai"]["Enums"]["provider_contract_enum"] | null
          created_at: string
          disabled: boolean | null
          id: string
          is_canonical: boolean
          modality: string
          name: string
          updated_at: string
        }
        ComputedFields: never
        Insert: {
          auth?: Json | null
          base_url?: string | null
          canonical_equivalent_id?: string | null
          canonical_revision?: number | null
          contract?: Database["ai"]["Enums"]["provider_contract_enum"] | null
          created_at?: string | null
          disabled?: boolean | null
          id?: string | null
          is_canonical?: boolean | null
          modality?: string | null
          name?: string | null
          updated_at?: string | null
        }
        Update: {
          auth?: Json | null
          base_url?: string | null
          canonical_equivalent_id?: string | null
          canonical_revision?: number | null
          contract?: Database["ai"]["Enums"]["provider_contract_enum"] | null
          created_at?: string | null
          disabled?: boolean | null
          id?: string | null
          is_canonical?: boolean | null
          modality?: string | null
          name?: string | null
          updated_at?: string | null
        }
        Relationships: [
          {
            foreignKeyName: "providers_canonical_equivalent_id_fkey"
            columns: ["canonical_equivalent_id"]
            isOneToOne: false
            referencedRelation: "api_providers"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "providers_canonical_equivalent_id_fkey"
            columns: ["canonical_equivalent_id"]
            isOneToOne: false
            referencedRelation: "llm_providers"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "providers_canonical_equivalent_id_fkey"
            columns: ["canonical_equivalent_id"]
            isOneToOne: false
            referencedRelation: "providers"
            referencedColumns: ["id"]
          },
        ]
      }
      rate_cards: {
        Row: {
          cache_read_cost_per_1m: number | null
          cache_write_cost_per_1m: number | null
          created_at: string | null
          currency: string | null
          effective_from: string | null
          id: string | null
          input_cost_per_1m: number | null
          model: string | null
          output_cost_per_1m: number | null
          provider: string
          provider_id: string
          source: string | null
        }
        ComputedFields: never
        Insert: {
          cache_read_cost_per_1m?: number | null
          cache_write_cost_per_1m?: number | null
          created_at?: string | null
          currency?: string | null
          effective_from?: string | null
          id?: string | null
          input_cost_per_1m?: number | null
          model?: string | null
          output_cost_per_1m?: number | null
          provider?: string | null
          provider_id?: string | null
          source?: string | null
        }
        Update: {
          cache_read_cost_per_1m?: number | null
          cache_write_cost_per_1m?: number | null
          created_at?: string | null
          currency?: string | null
          effective_from?: string | null
          id?: string | null
          input_cost_per_1m?: number | null
          model?: string | null
          output_cost_per_1m?: number | null
          provider?: string | null
          provider_id?: string | null
          source?: string | null
        }
        Relationships: [
          {
            foreignKeyName: "models_provider_id_fkey"
            columns: ["provider_id"]
            isOneToOne: false
            referencedRelation: "api_providers"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "models_provider_id_fkey"
            columns: ["provider_id"]
            isOneToOne: false
            referencedRelation: "llm_providers"
            referencedColumns: ["id"]
          },
          {
            foreignKeyName: "models_provider_id_fkey"
            columns: ["provider_id"]
            isOneToOne: false
            referencedRelation: "providers"
            referencedColumns: ["id"]
          },
        ]
      }
    }
    Functions: {
      activate_models: { Args: { model_names: string[] }; Returns: number }
      adopt: {
        Args: { dry_run?: boolean; system: string; tables: Json }
        Returns: Json
      }
      ai_models: {
        Args: {
          default?: boolean
          model_name?: string
          provider?: string
          type?: string
        }
        Returns: Json
      }
      api_models: {
        Args: { "": Database["compat"]["Views"]["jobs"]["Row"] }
        Returns: {
          error: true
        } & "the function compat.api_models with parameter or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache"
        SetofOptions: {
          from: "compat.jobs"
          to: "api_models"
          isOneToOne: true
          isSetofReturn: true
        }
      }
      deactivate_models: { Args: { model_names: string[] }; Returns: number }
      get_cost_for_images: {
        Args: { model: string; num_images?: number }
        Returns: number
      }
      get_cost_for_tokens: {
        Args: { input_tokens: number; model: string; output_tokens: number }
        Returns: number
      }
      get_display_with_pricing: { Args: { model: string }; Returns: string }
      has_role: {
        Args: { role: Database["lensers"]["Enums"]["app_role"]; user: string }
        Returns: boolean
      }
      jobs: {
        Args: { "": Database["compat"]["Views"]["api_models"]["Row"] }
        Returns: {
          error: true
        } & "the function compat.jobs with parameter or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache"
        SetofOptions: {
          from: "compat.api_models"
          to: "jobs"
          isOneToOne: false
          isSetofReturn: true
        }
      }
      set_default: { Args: { model_name: string }; Returns: undefined }
      upsert_ai_model_config: {
        Args: { model: Json }
        Returns: {
          context_window: number | null
          cost_per_image: string | null
          created_at: string
          description: string | null
          display_name: string
          input_cost_per_1m: string | null
          is_active: boolean
          is_default: boolean
          max_output_tokens: number | null
          model_name: string
          model_type: string
          output_cost_per_1m: string | null
          pricing_display: string | null
          provider: string
          sort_order: number
          supports_function_calling: boolean | null
          supports_json_mode: boolean | null
          supports_vision: boolean | null
          updated_at: string
          updated_by: string | null
          valid_sizes: string[]
        }
        SetofOptions: {
          from: "*"
          to: "ai_model_config"
          isOneToOne: true
          isSetofReturn: true
        }
      }
      upsert_api_model: {
        Args: { model: Json }
        Returns: {
          capabilities: NonNullable<Json>
          created_at: string
          created_by: string | null
          display_name: string
          endpoint_path: string | null
          id: string
          input_defaults: NonNullable<Json>
          is_active: boolean
          is_default: boolean
          modality: string
          model_family: string | null
          model_key: string | null
          output_format: string | null
          pricing: Json | null
          priority: number
          provider_id: string
          task: string
          updated_at: string
          version: string | null
        }
        SetofOptions: {
          from: "*"
          to: "api_models"
          isOneToOne: true
          isSetofReturn: false
        }
      }
      upsert_llm_model: {
        Args: { model: Json }
        Returns: {
          capabilities: NonNullable<Json>
          context_window: number | null
          created_at: string
          deleted_at: string | null
          deprecation_date: string | null
          id: string
          max_output_tokens: number | null
          metadata: NonNullable<Json>
          model_family: string | null
          model_key: string | null
          model_name: string | null
          model_tier: string | null
          model_version: string | null
          pricing: Json | null
          provider_id: string
          rate_limits: NonNullable<Json>
          release_date: string | null
          status: string | null
          supports_audio: boolean | null
          supports_function_calling: boolean | null
          supports_streaming: boolean | null
          supports_system_prompt: boolean | null
          supports_vision: boolean | null
          typical_latency_ms: number | null
          updated_at: string
        }
        SetofOptions: {
          from: "*"
          to: "llm_models"
          isOneToOne: true
          isSetofReturn: true
        }
      }
      upsert_provider: {
        Args: { provider: Json }
        Returns: {
          auth: Json | null
          base_url: string | null
          canonical_equivalent_id: string | null
          canonical_revision: number | null
          contract: Database["ai"]["Enums"]["provider_contract_enum"] | null
          created_at: string
          disabled: boolean | null
          id: string
          is_canonical: boolean
          modality: string
          name: string
          updated_at: string
        }
        SetofOptions: {
          from: "*"
          to: "providers"
          isOneToOne: true
          isSetofReturn: true
        }
      }
      validate_model: {
        Args: { model: string; model_type: string }
        Returns: boolean
      }
      validate_size: { Args: { model: string; size: string }; Returns: boolean }
    }
    Enums: {
      [_ in never]: never
    }
    CompositeTypes: {
      [_ in never]: never
    }
  }
  content: {
    Tables: {
      media_library: {
        Row: {
          created_at: string
          id: string
          lenser_id: string
          object_id: string | null
          title: string | null
          updated_at: string
          url: string | null
        }
        ComputedFields: never
        Insert: {
          created_at?: string
          id?: string
          lenser_id?: string
          object_id?: string | null
          title?: string | null
          updated_at?: string
          url?: string | null
        }
        Update: {
          created_at?: string
          id?: string
          lenser_id?: string
          object_id?: string | null
          title?: string | null
          updated_at?: string
          url?: string | null
        }
        Relationships: []
      }
    }
    Views: {
      all_media_library: {
        Row: {
          created_at: string
          id: string
          lenser_id: string
          object_id: string | null
          title: string | null
          updated_at: string
          url: string | null
        }
        ComputedFields: never
        Insert: {
          created_at?: string | null
          id?: string | null
          lenser_id?: string | null
          object_id?: string | null
          title?: string | null
          updated_at?: string | null
          url?: string | null
        }
        Update: {
          created_at?: string | null
          id?: string | null
          lenser_id?: string | null
          object_id?: string | null
          title?: string | null
          updated_at?: string | null
          url?: string | null
        }
        Relationships: []
      }
    }
    Functions: {
      [_ in never]: never
    }
    Enums: {
      [_ in never]: never
    }
    CompositeTypes: {
      [_ in never]: never
    }
  }
  execution: {
    Tables: {
      contenders: {
        Row: {
          evaluation_id: string
          id: string
          lenser_id: string
          model_id: string
          name: string | null
          number: number
          profile_id: string | null
          visibility: Database["execution"]["Enums"]["visibility_enum"]
        }
        ComputedFields: never
        Insert: {
          evaluation_id: string
          id?: string
          lenser_id: string
          model_id: string
          name?: string | null
          number: number
          profile_id?: string | null
          visibility: Database["execution"]["Enums"]["visibility_enum"]
        }
        Update: {
          evaluation_id?: string
          id?: string
          lenser_id?: string
          model_id?: string
          name?: string | null
          number?: number
          profile_id?: string | null
          visibility?: Database["execution"]["Enums"]["visibility_enum"]
        }
        Relationships: [
          {
            foreignKeyName: "contenders_evaluation_id_fkey"
            columns: ["evaluation_id", "lenser_id", "visibility"]
            isOneToOne: false
            referencedRelation: "evaluations"
            referencedColumns: ["id", "lenser_id", "visibility"]
          },
        ]
      }
      evaluations: {
        Row: {
          allows_self_judging: boolean
          closed_at: string | null
          created_at: string
          description: string | null
          feature_key: string | null
          id: string
          lenser_id: string
          name: string
          opened_at: string | null
          state: Database["execution"]["Enums"]["evaluation_state_enum"]
          updated_at: string
          visibility: Database["execution"]["Enums"]["visibility_enum"]
        }
        ComputedFields: never
        Insert: {
          allows_self_judging?: boolean
          closed_at?: string | null
          created_at?: string
          description?: string | null
          feature_key?: string | null
          id?: string
          lenser_id?: string
          name: string
          opened_at?: string | null
          state?: Database["execution"]["Enums"]["evaluation_state_enum"]
          updated_at?: string
          visibility?: Database["execution"]["Enums"]["visibility_enum"]
        }
        Update: {
          allows_self_judging?: boolean
          closed_at?: string | null
          created_at?: string
          description?: string | null
          feature_key?: string | null
          id?: string
          lenser_id?: string
          name?: string
          opened_at?: string | null
          state?: Database["execution"]["Enums"]["evaluation_state_enum"]
          updated_at?: string
          visibility?: Database["execution"]["Enums"]["visibility_enum"]
        }
        Relationships: []
      }
      judges: {
        Row: {
          added_at: string
          evaluation_id: string
          id: string
          lenser_id: string
          model_id: string | null
          name: string | null
          person_id: string | null
          visibility: Database["execution"]["Enums"]["visibility_enum"]
        }
        ComputedFields: never
        Insert: {
          added_at?: string
          evaluation_id: string
          id?: string
          lenser_id: string
          model_id?: string | null
          name?: string | null
          person_id?: string | null
          visibility: Database["execution"]["Enums"]["visibility_enum"]
        }
        Update: {
          added_at?: string
          evaluation_id?: string
          id?: string
          lenser_id?: string
          model_id?: string | null
          name?: string | null
          person_id?: string | null
          visibility?: Database["execution"]["Enums"]["visibility_enum"]
        }
        Relationships: [
          {
            foreignKeyName: "judges_evaluation_id_fkey"
            columns: ["evaluation_id", "lenser_id", "visibility"]
            isOneToOne: false
            referencedRelation: "evaluations"
            referencedColumns: ["id", "lenser_id", "visibility"]
          },
        ]
      }
      runs: {
        Row: {
          ended_at: string | null
          evaluation_id: string
          id: string
          key: string
          lenser_id: string
          started_at: string
          state: Database["execution"]["Enums"]["run_state_enum"]
          visibility: Database["execution"]["Enums"]["visibility_enum"]
        }
        ComputedFields: never
        Insert: {
          ended_at?: string | null
          evaluation_id: string
          id?: string
          key: string
          lenser_id: string
          started_at?: string
          state?: Database["execution"]["Enums"]["run_state_enum"]
          visibility: Database["execution"]["Enums"]["visibility_enum"]
        }
        Update: {
          ended_at?: string | null
          evaluation_id?: string
          id?: string
          key?: string
          lenser_id?: string
          started_at?: string
          state?: Database["execution"]["Enums"]["run_state_enum"]
          visibility?: Database["execution"]["Enums"]["visibility_enum"]
        }
        Relationships: [
          {
            foreignKeyName: "runs_evaluation_id_fkey"
            columns: ["evaluation_id", "lenser_id", "visibility"]
            isOneToOne: false
            referencedRelation: "evaluations"
            referencedColumns: ["id", "lenser_id", "visibility"]
          },
        ]
      }
      scores: {
        Row: {
          evaluation_id: string
          generation_id: string | null
          id: string
          judge_id: string
          lenser_id: string
          rationale: string | null
          run_id: string
          scored_at: string
          submission_id: string
          value: number
          visibility: Database["execution"]["Enums"]["visibility_enum"]
        }
        ComputedFields: never
        Insert: {
          evaluation_id: string
          generation_id?: string | null
          id?: string
          judge_id: string
          lenser_id: string
          rationale?: string | null
          run_id: string
          scored_at?: string
          submission_id: string
          value: number
          visibility: Database["execution"]["Enums"]["visibility_enum"]
        }
        Update: {
          evaluation_id?: string
          generation_id?: string | null
          id?: string
          judge_id?: string
          lenser_id?: string
          rationale?: string | null
          run_id?: string
          scored_at?: string
          submission_id?: string
          value?: number
          visibility?: Database["execution"]["Enums"]["visibility_enum"]
        }
        Relationships: [
          {
            foreignKeyName: "scores_evaluation_id_fkey"
            columns: ["evaluation_id", "lenser_id", "visibility"]
            isOneToOne: false
            referencedRelation: "evaluations"
            referencedColumns: ["id", "lenser_id", "visibility"]
          },
          {
            foreignKeyName: "scores_judge_id_fkey"
            columns: ["judge_id", "evaluation_id", "lenser_id"]
            isOneToOne: false
            referencedRelation: "judges"
            referencedColumns: ["id", "evaluation_id", "lenser_id"]
          },
          {
            foreignKeyName: "scores_submission_id_fkey"
            columns: ["submission_id", "run_id", "evaluation_id", "lenser_id"]
            isOneToOne: false
            referencedRelation: "submissions"
            referencedColumns: ["id", "run_id", "evaluation_id", "lenser_id"]
          },
        ]
      }
      submissions: {
        Row: {
          case_key: string
          contender_id: string
          evaluation_id: string
          generation_id: string
          id: string
          lenser_id: string
          run_id: string
          submitted_at: string
          visibility: Database["execution"]["Enums"]["visibility_enum"]
        }
        ComputedFields: never
        Insert: {
          case_key: string
          contender_id: string
          evaluation_id: string
          generation_id: string
          id?: string
          lenser_id: string
          run_id: string
          submitted_at?: string
          visibility: Database["execution"]["Enums"]["visibility_enum"]
        }
        Update: {
          case_key?: string
          contender_id?: string
          evaluation_id?: string
          generation_id?: string
          id?: string
          lenser_id?: string
          run_id?: string
          submitted_at?: string
          visibility?: Database["execution"]["Enums"]["visibility_enum"]
        }
        Relationships: [
          {
            foreignKeyName: "submissions_contender_id_fkey"
            columns: ["contender_id", "evaluation_id", "lenser_id"]
            isOneToOne: false
            referencedRelation: "contenders"
            referencedColumns: ["id", "evaluation_id", "lenser_id"]
          },
          {
            foreignKeyName: "submissions_evaluation_id_fkey"
            columns: ["evaluation_id", "lenser_id", "visibility"]
            isOneToOne: false
            referencedRelation: "evaluations"
            referencedColumns: ["id", "lenser_id", "visibility"]
          },
          {
            foreignKeyName: "submissions_run_id_fkey"
            columns: ["run_id", "evaluation_id", "lenser_id"]
            isOneToOne: false
            referencedRelation: "runs"
            referencedColumns: ["id", "evaluation_id", "lenser_id"]
          },
        ]
      }
    }
    Views: {
      all_contenders: {
        Row: {
          evaluation_id: string
          id: string
          lenser_id: string
          model_id: string
          name: string | null
          number: number
          profile_id: string | null
          visibility: Database["execution"]["Enums"]["visibility_enum"]
        }
        ComputedFields: never
        Insert: {
          evaluation_id?: string | null
          id?: string | null
          lenser_id?: string | null
          model_id?: string | null
          name?: string | null
          number?: number | null
          profile_id?: string | null
          visibility?: Database["execution"]["Enums"]["visibility_enum"] | null
        }
        Update: {
          evaluation_id?: string | null
          id?: string | null
          lenser_id?: string | null
          model_id?: string | null
          name?: string | null
          number?: number | null
          profile_id?: string | null
          visibility?: Database["execution"]["Enums"]["visibility_enum"] | null
        }
        Relationships: []
      }
      all_evaluations: {
        Row: {
          allows_self_judging: boolean
          closed_at: string | null
          created_at: string
          description: string | null
          feature_key: string | null
          id: string
          lenser_id: string
          name: string
          opened_at: string | null
          state: Database["execution"]["Enums"]["evaluation_state_enum"]
          updated_at: string
          visibility: Database["execution"]["Enums"]["visibility_enum"]
        }
        ComputedFields: never
        Insert: {
          allows_self_judging?: boolean | null
          closed_at?: string | null
          created_at?: string | null
          description?: string | null
          feature_key?: string | null
          id?: string | null
          lenser_id?: string | null
          name?: string | null
          opened_at?: string | null
          state?: Database["execution"]["Enums"]["evaluation_state_enum"] | null
          updated_at?: string | null
          visibility?: Database["execution"]["Enums"]["visibility_enum"] | null
        }
        Update: {
          allows_self_judging?: boolean | null
          closed_at?: string | null
          created_at?: string | null
          description?: string | null
          feature_key?: string | null
          id?: string | null
          lenser_id?: string | null
          name?: string | null
          opened_at?: string | null
          state?: Database["execution"]["Enums"]["evaluation_state_enum"] | null
          updated_at?: string | null
          visibility?: Database["execution"]["Enums"]["visibility_enum"] | null
        }
        Relationships: []
      }
      all_judges: {
        Row: {
          added_at: string
          evaluation_id: string
          id: string
          lenser_id: string
          model_id: string | null
          name: string | null
          person_id: string | null
          visibility: Database["execution"]["Enums"]["visibility_enum"]
        }
        ComputedFields: never
        Insert: {
          added_at?: string | null
          evaluation_id?: string | null
          id?: string | null
          lenser_id?: string | null
          model_id?: string | null
          name?: string | null
          person_id?: string | null
          visibility?: Database["execution"]["Enums"]["visibility_enum"] | null
        }
        Update: {
          added_at?: string | null
          evaluation_id?: string | null
          id?: string | null
          lenser_id?: string | null
          model_id?: string | null
          name?: string | null
          person_id?: string | null
          visibility?: Database["execution"]["Enums"]["visibility_enum"] | null
        }
        Relationships: []
      }
      all_runs: {
        Row: {
          ended_at: string | null
          evaluation_id: string
          id: string
          key: string
          lenser_id: string
          started_at: string
          state: Database["execution"]["Enums"]["run_state_enum"]
          visibility: Database["execution"]["Enums"]["visibility_enum"]
        }
        ComputedFields: never
        Insert: {
          ended_at?: string | null
          evaluation_id?: string | null
          id?: string | null
          key?: string | null
          lenser_id?: string | null
          started_at?: string | null
          state?: Database["execution"]["Enums"]["run_state_enum"] | null
          visibility?: Database["execution"]["Enums"]["visibility_enum"] | null
        }
        Update: {
          ended_at?: string | null
          evaluation_id?: string | null
          id?: string | null
          key?: string | null
          lenser_id?: string | null
          started_at?: string | null
          state?: Database["execution"]["Enums"]["run_state_enum"] | null
          visibility?: Database["execution"]["Enums"]["visibility_enum"] | null
        }
        Relationships: []
      }
      all_scores: {
        Row: {
          evaluation_id: string
          generation_id: string | null
          id: string
          judge_id: string
          lenser_id: string
          rationale: string | null
          run_id: string
          scored_at: string
          submission_id: string
          value: number
          visibility: Database["execution"]["Enums"]["visibility_enum"]
        }
        ComputedFields: never
        Insert: {
          evaluation_id?: string | null
          generation_id?: string | null
          id?: string | null
          judge_id?: string | null
          lenser_id?: string | null
          rationale?: string | null
          run_id?: string | null
          scored_at?: string | null
          submission_id?: string | null
          value?: number | null
          visibility?: Database["execution"]["Enums"]["visibility_enum"] | null
        }
        Update: {
          evaluation_id?: string | null
          generation_id?: string | null
          id?: string | null
          judge_id?: string | null
          lenser_id?: string | null
          rationale?: string | null
          run_id?: string | null
          scored_at?: string | null
          submission_id?: string | null
          value?: number | null
          visibility?: Database["execution"]["Enums"]["visibility_enum"] | null
        }
        Relationships: []
      }
      all_submissions: {
        Row: {
          case_key: string
          contender_id: string
          evaluation_id: string
          generation_id: string
          id: string
          lenser_id: string
          run_id: string
          submitted_at: string
          visibility: Database["execution"]["Enums"]["visibility_enum"]
        }
        ComputedFields: never
        Insert: {
          case_key?: string | null
          contender_id?: string | null
          evaluation_id?: string | null
          generation_id?: string | null
          id?: string | null
          lenser_id?: string | null
          run_id?: string | null
          submitted_at?: string | null
          visibility?: Database["execution"]["Enums"]["visibility_enum"] | null
        }
        Update: {
          case_key?: string | null
          contender_id?: string | null
          evaluation_id?: string | null
          generation_id?: string | null
          id?: string | null
          lenser_id?: string | null
          run_id?: string | null
          submitted_at?: string | null
          visibility?: Database["execution"]["Enums"]["visibility_enum"] | null
        }
        Relationships: []
      }
    }
    Functions: {
      change_evaluation: {
        Args: {
          add_contenders?: Json
          add_judges?: Json
          description?: string
          evaluation: string
          name?: string
          owner?: string
          state?: Database["execution"]["Enums"]["evaluation_state_enum"]
          visibility?: Database["execution"]["Enums"]["visibility_enum"]
        }
        Returns: {
          allows_self_judging: boolean
          closed_at: string | null
          created_at: string
          description: string | null
          feature_key: string | null
          id: string
          lenser_id: string
          name: string
          opened_at: string | null
          state: Database["execution"]["Enums"]["evaluation_state_enum"]
          updated_at: string
          visibility: Database["execution"]["Enums"]["visibility_enum"]
        }
        SetofOptions: {
          from: "*"
          to: "evaluations"
          isOneToOne: true
          isSetofReturn: true
        }
      }
      costs: {
        Args: { evaluation: string; owner?: string; run?: string }
        Returns: {
          contender: string
          contender_id: string
          credits: number
          judgement_credits: number
          judgements: number
          refunded: number
          submission_credits: number
          submissions: number
        }[]
      }
      create_evaluation: {
        Args: {
          allows_self_judging?: boolean
          contenders?: Json
          description?: string
          feature?: string
          judges?: Json
          lenser?: string
          name: string
          visibility?: Database["execution"]["Enums"]["visibility_enum"]
        }
        Returns: {
          allows_self_judging: boolean
          closed_at: string | null
          created_at: string
          description: string | null
          feature_key: string | null
          id: string
          lenser_id: string
          name: string
          opened_at: string | null
          state: Database["execution"]["Enums"]["evaluation_state_enum"]
          updated_at: string
          visibility: Database["execution"]["Enums"]["visibility_enum"]
        }
        SetofOptions: {
          from: "*"
          to: "evaluations"
          isOneToOne: true
          isSetofReturn: true
        }
      }
      finish_run: {
        Args: {
          owner?: string
          run: string
          state?: Database["execution"]["Enums"]["run_state_enum"]
        }
        Returns: {
          ended_at: string | null
          evaluation_id: string
          id: string
          key: string
          lenser_id: string
          started_at: string
          state: Database["execution"]["Enums"]["run_state_enum"]
          visibility: Database["execution"]["Enums"]["visibility_enum"]
        }
        SetofOptions: {
          from: "*"
          to: "runs"
          isOneToOne: true
          isSetofReturn: true
        }
      }
      leaderboard: {
        Args: { evaluation: string; owner?: string; run?: string }
        Returns: {
          comparisons: number
          contender: string
          contender_id: string
          is_connected: boolean
          mean: number
          model_id: string
          part: number
          place: number
          profile_id: string
          rating: number
          rating_high: number
          rating_low: number
          scores: number
          submissions: number
          wins: number
        }[]
      }
      score: {
        Args: {
          account?: string
          account_owner?: string
          estimated?: boolean
          format?: string
          generation?: string
          judge?: string
          latency_ms?: number
          output?: string
          owner?: string
          prompt?: string
          rationale?: string
          region?: string
          reported_cost?: number
          reported_currency?: string
          service_tier?: string
          submission: string
          usage?: Json
          value: number
          variant?: string
        }
        Returns: Json
      }
      start_run: {
        Args: { evaluation: string; key: string; owner?: string }
        Returns: {
          ended_at: string | null
          evaluation_id: string
          id: string
          key: string
          lenser_id: string
          started_at: string
          state: Database["execution"]["Enums"]["run_state_enum"]
          visibility: Database["execution"]["Enums"]["visibility_enum"]
        }
        SetofOptions: {
          from: "*"
          to: "runs"
          isOneToOne: true
          isSetofReturn: true
        }
      }
      submit: {
        Args: {
          account?: string
          account_owner?: string
          case_key: string
          contender: string
          estimated?: boolean
          format?: string
          generation?: string
          latency_ms?: number
          output?: string
          owner?: string
          prompt?: string
          region?: string
          reported_cost?: number
          reported_currency?: string
          run: string
          service_tier?: string
          usage?: Json
          variant?: string
        }
        Returns: Json
      }
      to_score: {
        Args: { judge?: string; owner?: string; run?: string }
        Returns: {
          case_key: string
          evaluation: string
          evaluation_id: string
          judge_id: string
          output: string
          prompt: string
          run_id: string
          run_key: string
          submission_id: string
        }[]
      }
    }
    Enums: {
      evaluation_state_enum: "draft" | "open" | "closed"
      run_state_enum: "running" | "finished" | "cancelled"
      visibility_enum: "private" | "public"
    }
    CompositeTypes: {
      [_ in never]: never
    }
  }
  lensers: {
    Tables: {
      audit_history: {
        Row: {
          after: Json | null
          before: Json | null
          changed_at: string
          database_user: string
          former_model_id: string | null
          id: number
          model_id: string | null
          operation: string
          request_id: string | null
          role: string
          row_key: NonNullable<Json>
          subject: string | null
          table_name: string
          transaction_id: unknown
        }
        ComputedFields: never
        Insert: {
          after?: Json | null
          before?: Json | null
          changed_at: string
          database_user: string
          former_model_id?: never
          id?: never
          model_id?: never
          operation: string
          request_id?: string | null
          role: string
          row_key: NonNullable<Json>
          subject?: string | null
          table_name: string
          transaction_id?: unknown
        }
        Update: {
          after?: Json | null
          before?: Json | null
          changed_at?: string
          database_user?: string
          former_model_id?: never
          id?: never
          model_id?: never
          operation?: string
          request_id?: string | null
          role?: string
          row_key?: NonNullable<Json>
          subject?: string | null
          table_name?: string
          transaction_id?: unknown
        }
        Relationships: []
      }
      entitlements: {
        Row: {
          created_at: string
          ends_at: string | null
          external_ref: string
          id: string
          lenser_id: string
          starts_at: string
          tier: Database["ai"]["Enums"]["model_tier_enum"]
          updated_at: string
        }
        ComputedFields: never
        Insert: {
          created_at?: string
          ends_at?: string | null
          external_ref: string
          id?: string
          lenser_id: string
          starts_at: string
          tier: Database["ai"]["Enums"]["model_tier_enum"]
          updated_at?: string
        }
        Update: {
          created_at?: string
          ends_at?: string | null
          external_ref?: string
          id?: string
          lenser_id?: string
          starts_at?: string
          tier?: Database["ai"]["Enums"]["model_tier_enum"]
          updated_at?: string
        }
        Relationships: [
          {
            foreignKeyName: "entitlements_lenser_id_fkey"
            columns: ["lenser_id"]
            isOneToOne: false
            referencedRelation: "profiles"
            referencedColumns: ["id"]
          },
        ]
      }
      profiles: {
        Row: {
          avatar_url: string | null
          created_at: string
          display_name: string | null
          erased_at: string | null
          id: string
          updated_at: string
          user_id: string | null
        }
        ComputedFields: never
        Insert: {
          avatar_url?: string | null
          created_at?: string
          display_name?: string | null
          erased_at?: string | null
          id?: string
          updated_at?: string
          user_id?: string | null
        }
        Update: {
          avatar_url?: string | null
          created_at?: string
          display_name?: string | null
          erased_at?: string | null
          id?: string
          updated_at?: string
          user_id?: string | null
        }
        Relationships: []
      }
      user_roles: {
        Row: {
          created_at: string
          role: Database["lensers"]["Enums"]["app_role"]
          user_id: string
          granted_by: string | null
        }
        ComputedFields: "granted_by"
        Insert: {
          created_at?: string
          role: Database["lensers"]["Enums"]["app_role"]
          user_id: string
        }
        Update: {
          created_at?: string
          role?: Database["lensers"]["Enums"]["app_role"]
          user_id?: string
        }
        Relationships: []
      }
    }
    Views: {
      all_entitlements: {
        Row: {
          created_at: string
          ends_at: string | null
          external_ref: string
          id: string
          lenser_id: string
          starts_at: string
          tier: Database["ai"]["Enums"]["model_tier_enum"]
          updated_at: string
        }
        ComputedFields: never
        Insert: {
          created_at?: string | null
          ends_at?: string | null
          external_ref?: string | null
          id?: string | null
          lenser_id?: string | null
          starts_at?: string | null
          tier?: Database["ai"]["Enums"]["model_tier_enum"] | null
          updated_at?: string | null
        }
        Update: {
          created_at?: string | null
          ends_at?: string | null
          external_ref?: string | null
          id?: string | null
          lenser_id?: string | null
          starts_at?: string | null
          tier?: Database["ai"]["Enums"]["model_tier_enum"] | null
          updated_at?: string | null
        }
        Relationships: []
      }
      all_profiles: {
        Row: {
          avatar_url: string | null
          created_at: string
          display_name: string | null
          erased_at: string | null
          id: string
          updated_at: string
          user_id: string | null
        }
        ComputedFields: never
        Insert: {
          avatar_url?: string | null
          created_at?: string | null
          display_name?: string | null
          erased_at?: string | null
          id?: string | null
          updated_at?: string | null
          user_id?: string | null
        }
        Update: {
          avatar_url?: string | null
          created_at?: string | null
          display_name?: string | null
          erased_at?: string | null
          id?: string | null
          updated_at?: string | null
          user_id?: string | null
        }
        Relationships: []
      }
    }
    Functions: {
      granted_by: {
        Args: { "": Database["lensers"]["Tables"]["user_roles"]["Row"] }
        Returns: {
          error: true
        } & "the function lensers.granted_by with parameter or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache"
      }
      has_role: {
        Args: { role: Database["lensers"]["Enums"]["app_role"]; user: string }
        Returns: boolean
      }
      set_entitlement: {
        Args: {
          ends_at?: string
          external_ref: string
          lenser: string
          starts_at?: string
          tier: Database["ai"]["Enums"]["model_tier_enum"]
        }
        Returns: {
          created_at: string
          ends_at: string | null
          external_ref: string
          id: string
          lenser_id: string
          starts_at: string
          tier: Database["ai"]["Enums"]["model_tier_enum"]
          updated_at: string
        }
        SetofOptions: {
          from: "*"
          to: "entitlements"
          isOneToOne: true
          isSetofReturn: true
        }
      }
    }
    Enums: {
      app_role: "admin" | "moderator" | "user"
    }
    CompositeTypes: {
      [_ in never]: never
    }
  }
  media: {
    Tables: {
      objects: {
        Row: {
          bucket: string
          byte_size: number | null
          created_at: string
          id: string
          lenser_id: string
          mime_type: string | null
          path: string
        }
        ComputedFields: never
        Insert: {
          bucket: string
          byte_size?: number | null
          created_at?: string
          id?: string
          lenser_id?: string
          mime_type?: string | null
          path: string
        }
        Update: {
          bucket?: string
          byte_size?: number | null
          created_at?: string
          id?: string
          lenser_id?: string
          mime_type?: string | null
          path?: string
        }
        Relationships: []
      }
    }
    Views: {
      all_objects: {
        Row: {
          bucket: string
          byte_size: number | null
          created_at: string
          id: string
          lenser_id: string
          mime_type: string | null
          path: string
        }
        ComputedFields: never
        Insert: {
          bucket?: string | null
          byte_size?: number | null
          created_at?: string | null
          id?: string | null
          lenser_id?: string | null
          mime_type?: string | null
          path?: string | null
        }
        Update: {
          bucket?: string | null
          byte_size?: number | null
          created_at?: string | null
          id?: string | null
          lenser_id?: string | null
          mime_type?: string | null
          path?: string | null
        }
        Relationships: []
      }
    }
    Functions: {
      [_ in never]: never
    }
    Enums: {
      [_ in never]: never
    }
    CompositeTypes: {
      [_ in never]: never
    }
  }
  public: {
    Tables: {
      [_ in never]: never
    }
    Views: {
      [_ in never]: never
    }
    Functions: {
      [_ in never]: never
    }
    Enums: {
      pricing_tier_enum: "free" | "paid" | "enterprise"
    }
    CompositeTypes: {
      [_ in never]: never
    }
  }
}

type DatabaseWithoutInternals = Omit<Database, "__InternalSupabase">

type DefaultSchema = DatabaseWithoutInternals[Extract<keyof Database, "public">]

export type Tables<
  DefaultSchemaTableNameOrOptions extends
    | keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends (DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals
  }
    ? keyof (DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"] &
        DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"])
    : never) = never,
> = DefaultSchemaTableNameOrOptions extends {
  schema: keyof DatabaseWithoutInternals
}
  ? (DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"] &
      DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"])[TableName] extends {
      Row: infer R
    }
    ? R
    : never
  : DefaultSchemaTableNameOrOptions extends keyof (DefaultSchema["Tables"] &
        DefaultSchema["Views"])
    ? (DefaultSchema["Tables"] &
        DefaultSchema["Views"])[DefaultSchemaTableNameOrOptions] extends {
        Row: infer R
      }
      ? R
      : never
    : never

export type TablesInsert<
  DefaultSchemaTableNameOrOptions extends
    keyof DefaultSchema["Tables"] | { schema: keyof DatabaseWithoutInternals },
  TableName extends (DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never) = never,
> = DefaultSchemaTableNameOrOptions extends {
  schema: keyof DatabaseWithoutInternals
}
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends {
      Insert: infer I
    }
    ? I
    : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
    ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
        Insert: infer I
      }
      ? I
      : never
    : never

export type TablesUpdate<
  DefaultSchemaTableNameOrOptions extends
    keyof DefaultSchema["Tables"] | { schema: keyof DatabaseWithoutInternals },
  TableName extends (DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never) = never,
> = DefaultSchemaTableNameOrOptions extends {
  schema: keyof DatabaseWithoutInternals
}
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends {
      Update: infer U
    }
    ? U
    : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
    ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
        Update: infer U
      }
      ? U
      : never
    : never

export type Enums<
  DefaultSchemaEnumNameOrOptions extends
    keyof DefaultSchema["Enums"] | { schema: keyof DatabaseWithoutInternals },
  EnumName extends (DefaultSchemaEnumNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"]
    : never) = never,
> = DefaultSchemaEnumNameOrOptions extends {
  schema: keyof DatabaseWithoutInternals
}
  ? DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"][EnumName]
  : DefaultSchemaEnumNameOrOptions extends keyof DefaultSchema["Enums"]
    ? DefaultSchema["Enums"][DefaultSchemaEnumNameOrOptions]
    : never

export type CompositeTypes<
  PublicCompositeTypeNameOrOptions extends
    | keyof DefaultSchema["CompositeTypes"]
    | { schema: keyof DatabaseWithoutInternals },
  CompositeTypeName extends (PublicCompositeTypeNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals
  }
    ? keyof DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"]
    : never) = never,
> = PublicCompositeTypeNameOrOptions extends {
  schema: keyof DatabaseWithoutInternals
}
  ? DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"][CompositeTypeName]
  : PublicCompositeTypeNameOrOptions extends keyof DefaultSchema["CompositeTypes"]
    ? DefaultSchema["CompositeTypes"][PublicCompositeTypeNameOrOptions]
    : never

export const Constants = {
  ai: {
    Enums: {
      ai_capability_enum: [
        "text_generation",
        "image_generation",
        "video_generation",
        "audio_generation",
      ],
      auth_scheme_enum: ["bearer", "header", "query", "none"],
      generation_status_enum: ["pending", "completed", "failed", "cancelled"],
      health_enum: ["healthy", "degraded", "rate_limited"],
      model_status_enum: ["preview", "active", "deprecated", "retired"],
      model_tier_enum: ["free", "paid", "enterprise"],
      provider_contract_enum: [
        "openai_chat",
        "openai_responses",
        "anthropic_messages",
        "gemini_generate",
        "bedrock_converse",
        "replicate",
      ],
      provider_enum: [
        "openai",
        "anthropic",
        "google",
        "meta",
        "midjourney",
        "stability",
        "mistral",
        "other",
      ],
      tier_mode_enum: ["whole_request", "marginal"],
      unit_type_enum: [
        "tokens",
        "image",
        "video_second",
        "audio_second",
        "second",
        "character",
        "pixel",
        "page",
        "request",
        "gigabyte_day",
      ],
    },
  },
  billing: {
    Enums: {
      budget_period_enum: ["day", "week", "month"],
      entry_kind_enum: [
        "grant",
        "repayment",
        "charge",
        "refund",
        "expiry",
        "revocation",
        "move",
      ],
      hold_status_enum: ["open", "captured", "released", "expired"],
    },
  },
  compat: {
    Enums: {},
  },
  content: {
    Enums: {},
  },
  execution: {
    Enums: {
      evaluation_state_enum: ["draft", "open", "closed"],
      run_state_enum: ["running", "finished", "cancelled"],
      visibility_enum: ["private", "public"],
    },
  },
  lensers: {
    Enums: {
      app_role: ["admin", "moderator", "user"],
    },
  },
  media: {
    Enums: {},
  },
  public: {
    Enums: {
      pricing_tier_enum: ["free", "paid", "enterprise"],
    },
  },
} as const
