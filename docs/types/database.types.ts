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
        }
        ComputedFields: never
        Insert: {
          created_at?: never
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
          created_at?: never
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
            referencedRelation: "models"
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
            referencedRelation: "models"
            referencedColumns: ["id"]
          },
        ]
      }
      model_pricing: {
        Row: {
          context_threshold: number | null
          created_at: string
          created_by: string | null
          currency: string
          effective_from: string
          id: string
          is_public: boolean
          meter: string
          model_id: string
          price_per_unit: number | null
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
        ComputedFields: never
        Insert: {
          context_threshold?: number | null
          created_at?: string
          created_by?: string | null
          currency?: string
          effective_from?: string
          id?: string
          is_public?: boolean
          meter: string
          model_id: string
          price_per_unit?: number | null
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
          created_by?: string | null
          currency?: string
          effective_from?: string
          id?: string
          is_public?: boolean
          meter?: string
          model_id?: string
          price_per_unit?: number | null
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
      models: {
        Row: {
          capabilities: Database["ai"]["Enums"]["ai_capability_enum"][]
          capabilities_detail: NonNullable<Json>
          context_window: number | null
          created_at: string
          created_by: string | null
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
          supports: string[]
          task: string
          temperature: number | null
          typical_latency_ms: number | null
          updated_at: string
          updated_by: string | null
          valid_sizes: string[]
          version: string | null
        }
        ComputedFields: never
        Insert: {
          capabilities?: Database["ai"]["Enums"]["ai_capability_enum"][]
          capabilities_detail?: NonNullable<Json>
          context_window?: number | null
          created_at?: string
          created_by?: string | null
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
          supports?: string[]
          task?: string
          temperature?: number | null
          typical_latency_ms?: number | null
          updated_at?: string
          updated_by?: string | null
          valid_sizes?: string[]
          version?: string | null
        }
        Update: {
          capabilities?: Database["ai"]["Enums"]["ai_capability_enum"][]
          capabilities_detail?: NonNullable<Json>
          context_window?: number | null
          created_at?: string
          created_by?: string | null
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
          supports?: string[]
          task?: string
          temperature?: number | null
          typical_latency_ms?: number | null
          updated_at?: string
          updated_by?: string | null
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
      resources: {
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
      backfill_generations: { Args: { generations: Json }; Returns: string[] }
      erase_lenser: { Args: { lenser: string }; Returns: Json }
      extend_partitions: { Args: { months?: number }; Returns: number }
      find_model: {
        Args: { model: string }
        Returns: {
          capabilities: Database["ai"]["Enums"]["ai_capability_enum"][]
          capabilities_detail: NonNullable<Json>
          context_window: number | null
          created_at: string
          created_by: string | null
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
          supports: string[]
          task: string
          temperature: number | null
          typical_latency_ms: number | null
          updated_at: string
          updated_by: string | null
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
          quality_rating?: number
          status?: Database["ai"]["Enums"]["generation_status_enum"]
          token_count?: number
          usage?: Json
        }
        Returns: undefined
      }
      import_catalogue: {
        Args: {
          dry_run?: boolean
          models: Json
          source: string
          starts_at?: string
        }
        Returns: Json
      }
      normalize_usage: { Args: { format: string; raw: Json }; Returns: Json }
      prices_in_force: {
        Args: { at?: string; model: string }
        Returns: {
          context_threshold: number | null
          created_at: string
          created_by: string | null
          currency: string
          effective_from: string
          id: string
          is_public: boolean
          meter: string
          model_id: string
          price_per_unit: number | null
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
      self_check: {
        Args: Record<PropertyKey, never>
        Returns: {
          check_name: string
          message: string
          severity: string
        }[]
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
    }
    Views: {
      [_ in never]: never
    }
    Functions: {
      calculate_credit_cost: {
        Args: {
          at?: string
          feature?: string
          model: string
          region?: string
          service_tier?: string
          usage: Json
          variant?: string
        }
        Returns: number
      }
      quote: {
        Args: {
          at?: string
          feature?: string
          model: string
          region?: string
          service_tier?: string
          usage: Json
          variant?: string
        }
        Returns: Json
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
    }
    Enums: {
      [_ in never]: never
    }
    CompositeTypes: {
      [_ in never]: never
    }
  }
  compat: {
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
      [_ in never]: never
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
  lensers: {
    Tables: {
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
          granted_by: string | null
          role: Database["lensers"]["Enums"]["app_role"]
          user_id: string
        }
        ComputedFields: never
        Insert: {
          created_at?: string
          granted_by?: string | null
          role: Database["lensers"]["Enums"]["app_role"]
          user_id: string
        }
        Update: {
          created_at?: string
          granted_by?: string | null
          role?: Database["lensers"]["Enums"]["app_role"]
          user_id?: string
        }
        Relationships: []
      }
    }
    Views: {
      [_ in never]: never
    }
    Functions: {
      has_role: {
        Args: { role: Database["lensers"]["Enums"]["app_role"]; user: string }
        Returns: boolean
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
      [_ in never]: never
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
    Enums: {},
  },
  compat: {
    Enums: {},
  },
  content: {
    Enums: {},
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
