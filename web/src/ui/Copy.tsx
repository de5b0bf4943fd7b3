import { useEffect, useState } from 'react'

/** Puts a text into the clipboard. */
export function Copy({ text, label = 'Copy' }: { text: string; label?: string }) {
  const [isDone, setIsDone] = useState(false)
  useEffect(() => {
    if (!isDone) return
    const timer = setTimeout(() => setIsDone(false), 1500)
    return () => clearTimeout(timer)
  }, [isDone])
  return (
    <button
      type="button"
      aria-label={label}
      onClick={() => navigator.clipboard.writeText(text).then(() => setIsDone(true), console.warn)}
    >
      <span aria-live="polite">{isDone ? 'Copied' : 'Copy'}</span>
    </button>
  )
}
