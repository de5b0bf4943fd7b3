/** Parts of forms and reports that the wallet and the admin's views share. */

import { type UseMutationResult, useMutation, useQueryClient } from '@tanstack/react-query'
import { type ComponentProps, type ReactNode, useId } from 'react'
import { type Api, useApi } from '../app/api.ts'
import { Link } from '../app/router.ts'
import css from './Fields.module.css'

interface FieldProps {
  label: string
  hint?: ReactNode
  children: (id: string, hintId: string | undefined) => ReactNode
}

/** A field with its label above it, and a sentence below. */
export function Field({ label, hint, children }: FieldProps) {
  const id = useId()
  return (
    <div className={css.field}>
      <label htmlFor={id}>{label}</label>
      {children(id, hint ? `${id}hint` : undefined)}
      {hint && (
        <small id={`${id}hint`} className="soft">
          {hint}
        </small>
      )}
    </div>
  )
}

interface TextFieldProps extends Omit<ComponentProps<'input'>, 'onChange' | 'value'> {
  label: string
  hint?: ReactNode
  value: string
  onChange: (value: string) => void
}

export function TextField({ label, hint, onChange, ...rest }: TextFieldProps) {
  return (
    <Field label={label} hint={hint}>
      {(id, hintId) => (
        <input
          {...rest}
          id={id}
          aria-describedby={hintId}
          onChange={(event) => onChange(event.currentTarget.value)}
          spellCheck={false}
          autoComplete="off"
        />
      )}
    </Field>
  )
}

interface ChoiceFieldProps {
  label: string
  hint?: ReactNode
  value: string
  onChange: (value: string) => void
  options: readonly (readonly [value: string, text: string])[]
}

export function ChoiceField({ label, hint, value, onChange, options }: ChoiceFieldProps) {
  return (
    <Field label={label} hint={hint}>
      {(id, hintId) => (
        <select
          id={id}
          aria-describedby={hintId}
          value={value}
          onChange={(event) => onChange(event.currentTarget.value)}
        >
          {options.map(([option, text]) => (
            <option key={option} value={option}>
              {text}
            </option>
          ))}
        </select>
      )}
    </Field>
  )
}

/** Fields beside each other, as far as there is room. */
export function Fields({ children }: { children: ReactNode }) {
  return <div className={css.fields}>{children}</div>
}

/** Buttons below a form. */
export function Buttons({ children }: { children: ReactNode }) {
  return <div className={css.buttons}>{children}</div>
}

/** A part of a view, under its own heading. */
export function Section({ title, aside, children }: { title: string; aside?: ReactNode; children: ReactNode }) {
  const id = useId()
  return (
    <section aria-labelledby={id} className={css.section}>
      <div className={css.heading}>
        <h2 id={id}>{title}</h2>
        {aside}
      </div>
      {children}
    </section>
  )
}

/** The views of a part of the page; the address says which is open. */
export function Tabs({
  of,
  open,
  tabs,
  label,
}: {
  of: string
  open: string
  tabs: Record<string, string>
  label: string
}) {
  return (
    <nav className={css.tabs} aria-label={label}>
      {Object.entries(tabs).map(([path, text]) => (
        <Link key={path} to={path ? [of, path] : [of]} aria-current={path === open ? 'page' : undefined}>
          {text}
        </Link>
      ))}
    </nav>
  )
}

/** A number with what it is, such as of a forecast. */
export function Figure({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className={css.figure}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

export function Figures({ children }: { children: ReactNode }) {
  return <dl className={css.figures}>{children}</dl>
}

/** What was done, said to everybody. */
export function Done({ children }: { children: ReactNode }) {
  return (
    <p role="status" className={css.done}>
      {children}
    </p>
  )
}

/** What a step would do, before it is done. */
export function Preview({ title, children }: { title: string; children: ReactNode }) {
  const id = useId()
  return (
    <section className={css.preview} aria-labelledby={id}>
      <h3 id={id}>{title}</h3>
      {children}
    </section>
  )
}

/** Something that is done when a button says so; afterwards all that is shown is asked for again, if it `changes` anything. */
export function useStep<A, T>(
  step: (api: Api, args: A) => Promise<T>,
  { changes = true }: { changes?: boolean } = {},
): UseMutationResult<T, unknown, A> {
  const api = useApi()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (args: A) => step(api, args),
    onSuccess: () => (changes ? queries.invalidateQueries() : undefined),
  })
}
