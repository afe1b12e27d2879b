import DescentGraph
import Testing

@Suite("profiles by layer")
struct LayerProfileTests {
  private func kernel(_ layer: String, _ phase: PlanPhase, seconds: Double, calls: Int = 2) -> KernelProfile {
    KernelProfile(
      name: "add", shapes: "[3]", layer: layer, phase: phase, calls: calls, seconds: seconds, bytes: 24, flops: 3)
  }

  @Test func grouping() throws {
    let layers = LayerProfile.grouping([
      kernel("conv1", .forward, seconds: 0.25), kernel("dense", .forward, seconds: 0.5),
      kernel("conv1", .backward, seconds: 1), kernel("conv1", .forward, seconds: 0.25),
    ])
    #expect(layers.map(\.name) == ["conv1 forward", "dense forward", "conv1 backward"])
    #expect(layers.map(\.kernels) == [2, 1, 1])
    // Of one run, where two were measured.
    #expect(layers.map(\.seconds) == [0.25, 0.25, 0.5] && layers.map(\.share) == [0.25, 0.25, 0.5])
    #expect(layers.map(\.bytes) == [48, 24, 24] && layers.map(\.flops) == [6, 3, 3])
  }

  @Test func extremes() {
    #expect(LayerProfile.grouping([]).isEmpty)
    let still = LayerProfile.grouping([kernel("", .update, seconds: 0, calls: 0)])
    #expect(still.map(\.share) == [0] && still.map(\.name) == ["no layer update"])
    let many = LayerProfile.grouping(
      (0..<3).map { _ in
        KernelProfile(name: "", shapes: "", calls: 1, seconds: 1, bytes: .max, flops: .max)
      })
    #expect(many.count == 1 && many[0].bytes == 3 * Double(Int.max), "sizes of plans that never run count as well")
  }

  @Test func printing() {
    let layers = LayerProfile.grouping([
      kernel("encoder.conv1", .backward, seconds: 0.000_246_8), kernel("", .update, seconds: 0.000_123_4),
      kernel("", .update, seconds: 0),
    ])
    #expect(
      layers.map(\.description) == [
        "encoder.conv1 backward: 66.7 %, 123.4 µs, 1 kernel", "no layer update: 33.3 %, 61.7 µs, 2 kernels",
      ])
  }
}
