/** Parts of a page: unstyled (`.ratebook-…` are their classes), accessible, and exact. React 19. */

export { type Answered, useAnswer } from './answer.js'
export { PriceHistory, type PriceHistoryProps, UsageChart, type UsageChartProps } from './charts.js'
export { compared, formatted, isZero, product, sum } from './decimal.js'
export { ModelPicker, type ModelPickerProps } from './picker.js'
export { PriceTag, type PriceTagProps, QuoteLines, type QuoteLinesProps } from './prices.js'
export { WalletBalance, type WalletBalanceProps } from './wallet.js'
