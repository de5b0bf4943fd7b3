/** Server-sent events as they pass by. */

export interface Event {
  /** The event as it came, with the blank line that ends it. */
  text: string
  /** What its data are, where they are JSON. */
  data: unknown
}

/** Cuts bytes into events, whatever pieces they come in. */
export class Events {
  private readonly decoder = new TextDecoder()
  private rest = ''

  /** The events that are complete with these bytes; without any, what is left at the end. */
  push(bytes?: Uint8Array): Event[] {
    const text = this.rest + (bytes ? this.decoder.decode(bytes, { stream: true }) : this.decoder.decode())
    const found: Event[] = []
    let from = 0
    for (const [end, after] of blankLines(text)) {
      found.push(event(text.slice(from, end), text.slice(from, after)))
      from = after
    }
    this.rest = text.slice(from)
    if (!bytes && this.rest) found.push(event(this.rest, this.rest))
    return found
  }
}

/** Where each blank line begins and where it ends. */
function* blankLines(text: string): Generator<[number, number]> {
  if (!text.includes('\r')) {
    for (let at = text.indexOf('\n\n'); at >= 0; at = text.indexOf('\n\n', at + 2)) yield [at, at + 2]
    return
  }
  for (const found of text.matchAll(/\r\n\r\n|\n\n|\r\r/g)) yield [found.index, found.index + found[0].length]
}

function event(block: string, text: string): Event {
  const lines = block.split(/\r\n|\n|\r/).filter((line) => line.startsWith('data:'))
  const data = lines.map((line) => line.slice(line[5] === ' ' ? 6 : 5)).join('\n')
  return { text, data: data.startsWith('{') ? parsed(data) : undefined }
}

function parsed(data: string): unknown {
  try {
    return JSON.parse(data)
  } catch {
    return undefined
  }
}
