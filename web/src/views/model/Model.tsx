import { View } from '../../ui/states.tsx'

export default function Model() {
  return <View title="Model">{null}</View>
}
