import { View } from '../../ui/states.tsx'

export default function Calculator() {
  return <View title="Calculator">{null}</View>
}
