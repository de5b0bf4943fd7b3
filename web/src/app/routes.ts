/** The views, by the first part of their address. Each but the catalogue is a chunk of its own. */

import { type ComponentType, lazy } from 'react'
import { Catalogue } from '../views/catalogue/Catalogue.tsx'

export interface Route {
  /** The first part of the address. */
  path: string
  /** In the navigation; views without one are reached by links. */
  nav?: string
  /** For whom it is offered. The database decides what they see. */
  role: 'visitor' | 'owner' | 'admin'
  /** `rest`: the further parts of the address. */
  view: ComponentType<{ rest: readonly string[] }>
}

export const ROUTES: readonly Route[] = [
  { path: '', nav: 'Models', role: 'visitor', view: Catalogue },
  {
    path: 'models',
    role: 'visitor',
    view: lazy(() => import('../views/model/Model.tsx')),
  },
  {
    path: 'compare',
    nav: 'Compare',
    role: 'visitor',
    view: lazy(() => import('../views/compare/Compare.tsx')),
  },
  {
    path: 'calculator',
    nav: 'Calculator',
    role: 'visitor',
    view: lazy(() => import('../views/calculator/Calculator.tsx')),
  },
  {
    path: 'wallet',
    nav: 'Wallet',
    role: 'owner',
    view: lazy(() => import('../views/wallet/Wallet.tsx')),
  },
  {
    path: 'admin',
    nav: 'Admin',
    role: 'admin',
    view: lazy(() => import('../views/admin/Admin.tsx')),
  },
  {
    path: 'sign-in',
    role: 'visitor',
    view: lazy(() => import('../views/sign-in/SignIn.tsx')),
  },
]
