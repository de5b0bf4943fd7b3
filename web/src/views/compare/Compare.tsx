import { View } from '../../ui/states.tsx'

export default function Compare() {
  return <View title="Compare">{null}</View>
}
