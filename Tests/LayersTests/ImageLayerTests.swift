import DescentGraph
import DescentLayers
import DescentTensors
import Foundation
import TestSupport
import Testing

/// Layers without parameters that pool, resize, pad and rearrange: each is its function, with settings that are coded.
@Suite struct ImageLayerTests {
  private typealias Check = @Sendable (Tensor) throws -> (layer: Tensor, function: Tensor)

  /// A layer after it was walked and coded, beside the function that it stands for.
  private static func pair<Network: Layer>(
    _ layer: Network, _ function: @escaping @Sendable (Tensor) -> Tensor
  ) -> Check where Network.Input == Tensor, Network.Output == Tensor {
    { x in
      let data = try JSONEncoder().encode(layer)
      let again = try JSONDecoder().decode(Network.self, from: data).initialized(for: x)
      return (try again(x), function(x))
    }
  }

  private static let images: [Check] = [
    pair(MaxPool(size: 2)) { maxPool($0, size: 2) },
    pair(MaxPool(sizes: [2, 3], strides: [1, 2], padding: .same)) {
      maxPool($0, sizes: [2, 3], strides: [1, 2], padding: .same)
    },
    pair(AveragePool(size: 3, strides: 2, padding: .each(1), countingPadding: true)) {
      averagePool($0, size: 3, strides: 2, padding: .each(1), countingPadding: true)
    },
    pair(MaxPool(size: 2, strides: 2, dilation: 2, roundingUp: true)) {
      maxPool($0, size: 2, strides: 2, dilation: 2, roundingUp: true)
    },
    pair(MaxPool(sizes: [3, 2], dilation: [1, 3])) { maxPool($0, sizes: [3, 2], dilation: [1, 3]) },
    pair(AveragePool(size: 3, padding: .each(1), countingPadding: true, roundingUp: true)) {
      averagePool($0, size: 3, padding: .each(1), countingPadding: true, roundingUp: true)
    },
    pair(AveragePool(sizes: [2, 1])) { averagePool($0, sizes: [2, 1]) },
    pair(AdaptiveMaxPool(2, 3)) { adaptiveMaxPool($0, counts: [2, 3]) },
    pair(AdaptiveAveragePool(2)) { adaptiveAveragePool($0, counts: [2]) },
    pair(GlobalMaxPool()) { $0.max(axes: [1, 2]) },
    pair(GlobalAveragePool()) { globalAveragePool($0) },
    pair(Flatten()) { $0.reshaped([2, 96]) },
    pair(Flatten(keeping: 2)) { $0.reshaped([2, 4, 24]) },
    pair(Upsampling(2)) { $0.resized([8, 12], method: .nearest) },
    pair(Upsampling(2, 3, method: .linear)) { $0.resized([8, 18]) },
    pair(Upsampling(2, method: .cubic, aligningCorners: true)) {
      $0.resized([8, 12], method: .cubic, aligningCorners: true)
    },
    pair(Resizing(7, 5, aligningCorners: true)) { $0.resized([7, 5], aligningCorners: true) },
    pair(Resizing(2, 5, method: .cubic, antialiasing: true)) {
      $0.resized([2, 5], method: .cubic, antialiasing: true)
    },
    pair(Resizing(3, 5)) { $0.resized([3, 5]) },
    pair(SpatialPadding(1)) { $0.padded(low: [0, 1, 1, 0], high: [0, 1, 1, 0]) },
    pair(SpatialPadding(low: [1, 0], high: [2, 1], mode: .reflect)) {
      $0.padded(low: [0, 1, 0, 0], high: [0, 2, 1, 0], mode: .reflect)
    },
    pair(SpatialPadding(1, mode: .constant(3))) { $0.padded(low: [0, 1, 1, 0], high: [0, 1, 1, 0], with: 3) },
    pair(PixelShuffle(factor: 2)) { pixelShuffle($0, factor: 2) },
    pair(PixelUnshuffle(factor: 2)) { pixelUnshuffle($0, factor: 2) },
  ]

  @Test func eachIsItsFunction() throws {
    let x = sample([2, 4, 6, 4])
    for check in Self.images {
      let (layer, function) = try check(x)
      #expect(layer.shape == function.shape)
      #expect(try layer.scalars() == function.scalars())
    }
  }

  @Test func signalsAndVolumes() throws {
    let (signals, volumes) = (sample([2, 6, 3]), sample([2, 4, 4, 2, 3]))
    #expect(MaxPool(size: 2)(signals).shape == [2, 3, 3])
    #expect(MaxPool(size: 2)(volumes).shape == [2, 2, 2, 1, 3])
    #expect(AveragePool(size: 2)(volumes).shape == [2, 2, 2, 1, 3])
    #expect(GlobalMaxPool()(volumes).shape == [2, 3])
    #expect(Upsampling(2)(signals).shape == [2, 12, 3])
    #expect(SpatialPadding(2)(volumes).shape == [2, 8, 8, 6, 3])
  }

  @Test func computeInThePassesType() {
    let x = sample([1, 4, 4, 4]).converted(to: .float32)
    withPrecision(.bfloat16) {
      for output in [MaxPool(size: 2)(x), Upsampling(2)(x), SpatialPadding(1)(x), GlobalMaxPool()(x)] {
        #expect(output.elementType == .bfloat16)
      }
    }
  }

  @Test func namesTheFault() {
    let x = sample([2, 4, 6, 4])
    #expect(fault(of: MaxPool(size: 0)(x)).contains("sizes, strides and dilation must be positive"))
    #expect(fault(of: MaxPool(sizes: [])(x)) != "no error")
    #expect(fault(of: AdaptiveMaxPool(0)(x)).contains("adaptiveMaxPool"))
    #expect(fault(of: AdaptiveMaxPool()(x)) != "no error")
    #expect(fault(of: GlobalMaxPool()(sample([2, 3]))).contains("GlobalMaxPool: takes images"))
    #expect(fault(of: Flatten(keeping: 9)(x)).contains("flattened"))
    for wrong in [Upsampling(0), Upsampling(.max), Upsampling(1, 2, 3), Upsampling()] {
      #expect(fault(of: wrong(x)).hasPrefix("Upsampling: "))
    }
    #expect(fault(of: Resizing(0, 3)(x)).contains("resized"))
    for wrong in [SpatialPadding(low: [1, 2, 3], high: [1]), SpatialPadding(low: [], high: [])] {
      #expect(fault(of: wrong(x)).hasPrefix("SpatialPadding: "))
    }
    #expect(fault(of: SpatialPadding(9, mode: .reflect)(x)) != "no error")
    #expect(fault(of: SpatialPadding(.max)(x)) != "no error")
    #expect(fault(of: PixelShuffle(factor: 3)(x)).contains("pixelShuffle"))
  }
}
