import DescentLayers
import DescentTensors
import Testing

@Suite struct ChannelOrderTests {
  @Test func picturesWithChannelsInFrontAreTold() throws {
    let layer = try Conv2D(filters: 4, size: 5).initialized(for: Tensor(zeros: [2, 8, 8, 3]))
    let advice = "move it by moved(1, to: -1)"
    let turned = layer.predict(Tensor(zeros: [2, 3, 8, 8]).moved(1, to: -1))
    #expect(turned.shape == [2, 4, 4, 4])
    #expect(layer(Tensor(zeros: [2, 3, 8, 8])).error?.message.contains(advice) == true)
    #expect(layer(Tensor(zeros: [2, 8, 8, 2])).error?.message.contains(advice) == false)
    // A layer that is yet to be made takes the last axis for channels, and the kernel does not fit the others.
    #expect(throws: TensorError.self) { try Conv2D(filters: 4, size: 5).initialized(for: Tensor(zeros: [2, 3, 8, 8])) }
    do {
      _ = try Conv2D(filters: 4, size: 5).initialized(for: Tensor(zeros: [2, 3, 8, 8]))
    } catch {
      #expect("\(error)".contains(advice))
    }
  }
}
