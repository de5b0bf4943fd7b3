import { useMemo } from 'react'
import { Link, useParam } from '../../app/router.ts'
import { type CatalogueEntry, useCatalogue } from '../../lib/catalogue.ts'
import { type Column, DataTable, sortOf, sortText } from '../../ui/DataTable.tsx'
import { Money } from '../../ui/Money.tsx'
import { Answered, Empty, View } from '../../ui/states.tsx'

const COLUMNS: readonly Column<CatalogueEntry>[] = [
  {
    id: 'name',
    header: 'Model',
    value: (model) => model.name,
    cell: (model) => <Link to={['models', model.key]}>{model.name}</Link>,
    width: 20,
    heads: true,
  },
  { id: 'provider', header: 'Provider', value: (model) => model.provider_name, width: 10 },
  {
    id: 'input',
    header: 'Input',
    hint: 'A million tokens',
    kind: 'amount',
    value: (model) => model.input_per_million,
    cell: (model) => <Money amount={model.input_per_million} currency={model.currency} />,
    width: 8,
  },
]

export function Catalogue() {
  const models = useCatalogue()
  const [sort, setSort] = useParam('sort')
  const order = useMemo(() => sortOf(sort), [sort])
  return (
    <View title="Models">
      <Answered of={models}>
        {(rows) => (
          <DataTable
            fills
            label="Models"
            rows={rows}
            columns={COLUMNS}
            keyOf={(model) => model.id}
            sort={order}
            onSort={(next) => setSort(sortText(next))}
            empty={<Empty title="No models." />}
          />
        )}
      </Answered>
    </View>
  )
}
