/** How a hold ends: once, and by one table, which `docs/guides/streams.md` shows. */

import type { Charged } from '../answers.js'
import { given } from '../arguments.js'
import type { Client } from '../client.js'
import { BudgetExceeded, InsufficientCredits, UnusableUsage } from '../errors.js'
import type { Sent } from '../usage.js'
import type { Hold } from '../wallet.js'
import type { TrackOptions } from './options.js'
import { Reader } from './reader.js'

/** `ended` by itself, `cut` by who read it, `broken` on the provider's side, or `refused` before it began. */
export type How = 'ended' | 'cut' | 'broken' | 'refused'

export class Ending {
  readonly reader: Reader
  private readonly began = performance.now()
  private ending: Promise<Charged | undefined> | undefined

  constructor(
    private readonly client: Client,
    private readonly hold: Hold,
    private readonly options: TrackOptions,
  ) {
    this.reader = new Reader(options.format, options.keep_output || options.count !== undefined)
    client.open.add(this)
  }

  /** The format of the provider's usage, where the caller says it. */
  get format(): string | undefined {
    return this.options.format
  }

  /** Ends the hold, whoever says so first; the answer is the charge, if there is one. */
  end(how: How): Promise<Charged | undefined> {
    if (!this.ending) {
      this.ending = this.finish(how).finally(() => this.client.open.delete(this))
      this.options.wait_until?.(this.ending.catch(() => {}))
    }
    return this.ending
  }

  private async finish(how: How): Promise<Charged | undefined> {
    const { reader } = this
    if (how === 'ended' && !reader.hasFailed) reader.ended()
    // An SDK that meets an error in the stream leaves it: that is no reader who has had enough.
    const isBroken = how === 'broken' || reader.hasFailed
    if (how === 'refused' || (isBroken && reader.streamedBytes === 0 && !reader.reported && !reader.isUnknown)) {
      await this.hold.release()
      return undefined
    }
    const charged = await this.charge()
    this.options.on_charge?.(charged)
    return charged
  }

  private async charge(): Promise<Charged> {
    const { reader, options } = this
    const logged = given({
      latency_ms: Math.round(performance.now() - this.began),
      generation: options.generation,
      prompt: options.prompt,
      output: options.keep_output ? reader.text : undefined,
    })
    let reported: Partial<Sent> = reader.reported ?? {}
    if (reader.isFinal && reader.reported) {
      try {
        return await this.hold.capture({ ...logged, ...reader.reported })
      } catch (error) {
        // The work is done. Dearer than what was held, and no more is available: all that was held, until it is settled.
        if (error instanceof UnusableUsage) reported = {}
        else if (!(error instanceof InsufficientCredits || error instanceof BudgetExceeded)) throw error
      }
    }
    // Nobody can say how much this is: all that was held.
    if (!reported.usage && reader.isUnknown) return this.hold.capture({ ...logged, estimated: true })
    const streamed = options.count
      ? { streamed_tokens: options.count(reader.text) }
      : { streamed_bytes: reader.streamedBytes }
    try {
      return await this.hold.cut({ ...logged, ...reported, ...streamed })
    } catch (error) {
      if (!(error instanceof UnusableUsage && reported.usage)) throw error
    }
    // What was reported cannot be priced: what was streamed.
    return this.hold.cut({ ...logged, ...streamed })
  }
}
