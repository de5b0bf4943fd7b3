/** What things cost. */

import type { Quote } from '../answers.js'
import { formatted } from './decimal.js'

export interface PriceTagProps {
  /** Of one unit, or of a million of them; null where there is none, or none that is public. */
  price: string | null
  currency: string | null
  /** What it is the price of. */
  per?: string
  locale?: string
  /** What stands where there is no price. */
  none?: string
}

/** A price, with every digit that it has. */
export function PriceTag({ price, currency, per, locale, none = 'no public price' }: PriceTagProps) {
  if (price === null) return <span className="ratebook-price ratebook-price-none">{none}</span>
  return (
    <span className="ratebook-price">
      <data value={price}>{formatted(price, { currency, locale })}</data>
      {per && <> per {per}</>}
    </span>
  )
}

export interface QuoteLinesProps {
  quote: Quote
  locale?: string
  caption?: string
}

/** A quote as a table: each meter, and what it comes to in money and credits. */
export function QuoteLines({ quote, locale, caption = `What ${quote.model} costs` }: QuoteLinesProps) {
  const money = { currency: quote.currency, locale }
  const cost = (amount: string | null) => (
    <PriceTag price={amount} {...money} currency={quote.currency} none="not shown" />
  )
  return (
    <table className="ratebook-quote">
      <caption>{caption}</caption>
      <thead>
        <tr>
          <th scope="col">Meter</th>
          <th scope="col">Quantity</th>
          <th scope="col">Price of one</th>
          <th scope="col">Cost</th>
        </tr>
      </thead>
      <tbody>
        {quote.lines.map((line) => (
          <tr key={`${line.meter} ${line.price_meter} ${line.unit_price}`}>
            <th scope="row">{line.meter}</th>
            <td>{formatted(line.quantity, { locale })}</td>
            <td>{cost(line.unit_price)}</td>
            <td>{cost(line.cost)}</td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row" colSpan={3}>
            In all
          </th>
          <td>{cost(quote.cost)}</td>
        </tr>
        <tr>
          <th scope="row" colSpan={3}>
            Credits
          </th>
          <td>
            <data value={quote.credits}>{formatted(quote.credits, { locale })}</data>
          </td>
        </tr>
      </tfoot>
    </table>
  )
}
