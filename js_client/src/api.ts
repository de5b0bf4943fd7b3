/** Asking PostgREST, and what the errors mean. */

import { errorOf, isPassing, type Refusal } from './errors.js'

/** What a client asks through: a supabase-js client, or a postgrest-js client for a server at another path. */
export interface HasSchemas {
  // biome-ignore lint/suspicious/noExplicitAny: their generics are of the caller's own database
  schema(name: any): any
}

interface Answered {
  data: unknown
  error: Refusal['error'] | null
  status: number
  count?: number | null
}

/** As much of postgrest-js' builders as is used here. */
export interface Query extends PromiseLike<Answered> {
  select(columns: string, options?: { count?: 'exact' }): Query
  eq(column: string, value: unknown): Query
  is(column: string, value: null | boolean): Query
  gt(column: string, value: unknown): Query
  gte(column: string, value: unknown): Query
  lt(column: string, value: unknown): Query
  contains(column: string, value: readonly unknown[]): Query
  filter(column: string, operator: string, value: unknown): Query
  or(filters: string): Query
  order(column: string, options?: { ascending?: boolean; nullsFirst?: boolean }): Query
  range(from: number, to: number): Query
  limit(count: number): Query
}

const PAGE = 1000

export class Api {
  constructor(
    private readonly schemas: HasSchemas,
    /** Milliseconds before a write is sent again. */
    private readonly pauses: readonly number[],
  ) {}

  table(schema: string, name: string): Query {
    return this.schemas.schema(schema).from(name)
  }

  call(schema: string, name: string, args: object, options?: { count?: 'exact' }): Query {
    return this.schemas.schema(schema).rpc(name, args, options)
  }

  /** What was asked for. Throws one of the errors of this package. */
  async ask<T>(query: Query): Promise<T> {
    return (await answered(query)).data as T
  }

  /** Calls a function of the wallet that takes effect once however often it is called, until an answer comes. */
  async write<T>(name: string, args: object): Promise<T> {
    for (const pause of this.pauses) {
      const { data, error, status } = await this.call('billing', name, args)
      if (!error) return data as T
      if (!isPassing({ status, error })) throw errorOf({ status, error })
      await new Promise((resume) => setTimeout(resume, pause))
    }
    return this.ask(this.call('billing', name, args))
  }

  /** Every row, page by page: the server gives no more than its max-rows at once. */
  async all<T>(query: () => Query): Promise<T[]> {
    const rows: T[] = []
    for (;;) {
      const { data, count } = await answered(query().range(rows.length, rows.length + PAGE - 1))
      rows.push(...(data as T[]))
      if ((data as T[]).length === 0 || rows.length >= (count ?? 0)) return rows
    }
  }

  /** Every row in the order of its key, which goes on where the page before ended, whatever changes meanwhile. */
  async allByKey<T extends { key: string }>(query: () => Query): Promise<T[]> {
    const rows: T[] = []
    for (;;) {
      const last = rows.at(-1)
      const page = last ? query().gt('key', last.key) : query()
      const { data, count } = await answered(page.order('key'))
      const found = data as T[]
      rows.push(...found)
      if (found.length === 0 || found.length >= (count ?? 0)) return rows
    }
  }
}

async function answered(query: Query): Promise<Answered> {
  const { data, error, status, count } = await query
  if (error) throw errorOf({ status, error })
  return { data, error, status, count }
}
