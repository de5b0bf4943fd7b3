/** The catalogue, loaded whole once, then searched, filtered and sorted here. */

import type { CatalogueEntry } from '@ratebook/client'
import { useAsked } from '../app/api.ts'

export type { CatalogueEntry }

export const useCatalogue = () =>
  useAsked(['catalogue'], ({ ratebook }) => ratebook.catalogue(), { staleTime: 300_000 })
