import DescentGraph
import DescentTensors
import Testing

/// Functions that gather and scatter, and those that compress what is computed into a fixed number of elements.
@Suite("indexing functions")
struct IndexingTests {
  private let table = Tensor((0..<12).map(Double.init), shape: [4, 3], .float64)

  private func read(_ tensor: Tensor, _ shape: Shape, _ values: [Double]) throws {
    #expect(try tensor.scalars() == values)
    #expect(tensor.shape == shape)
  }

  private func told(_ tensor: Tensor, _ message: String) {
    let error = #expect(throws: TensorError.self) { try tensor.scalars() }
    #expect(error.map { "\($0.operation): \($0.message)" } == message)
  }

  /// An axis may be longer than its indices' type counts.
  @Test func narrowIndices() throws {
    let line = Tensor(rangeTo: 300, .float64)
    let indices = Tensor(integers: [-1, 127, -128], .int8)
    try read(line.taken(indices), [3], [299, 127, 172])
    try read(line.takenAlong(indices), [3], [299, 127, 172])
    try read(line[indices], [3], [299, 127, 172])
    try read(line.gathered(at: indices.expanded(axis: -1)), [3], [299, 127, 172])
    let both = line.reshaped([150, 2])[indices, Tensor(integers: [-1, 0, 1], .int8)]
    try read(both, [3], [299, 254, 45])
    try read(Tensor(integers: [0, 255], .uint8).oneHot(count: 300).sum(axes: [-1]), [2], [1, 1])
    try read(Tensor(integers: [44], .int8).oneHot(count: 301)[0].nonzero(count: 2), [2, 1], [44, 301])
  }

  @Test func taking() throws {
    try read(table.taken(Tensor(integers: [2, -1, 9])), [3, 3], [6, 7, 8, 9, 10, 11, 9, 10, 11])
    try read(table.taken(Tensor(integers: [2, 0, 0, 1], shape: [2, 2]), axis: -1)[1], [2, 2], [5, 3, 3, 4])
    try read(table.takenAlong(Tensor(integers: [2, 0, -1, 1], shape: [4, 1])), [4, 1], [2, 3, 8, 10])
    try read(table.takenAlong(Tensor(integers: [3, 0, 1], shape: [1, 3]), axis: 0), [1, 3], [9, 1, 5])
    try read(table.takenAlong(Tensor(integers: [2, 1], shape: [1, 2])), [4, 2], [2, 1, 5, 4, 8, 7, 11, 10])
    try read(table.gathered(at: Tensor(integers: [3, 2, -4, 0], shape: [2, 2])), [2], [11, 0])
    try read(table.gathered(at: Tensor(integers: [1, 0, 2, 0], shape: [4, 1]), batchAxes: 1), [4], [1, 3, 8, 9])
    try read(table.sliced(from: Tensor(integers: [2, 9]), sizes: [1, 2]), [1, 2], [7, 8])
    try read(table.sliced(from: Tensor(integers: [1]), sizes: [2], axes: [-1])[3], [2], [10, 11])
    told(table.taken(Tensor([1.0])), "taken: the indices are float32, not integers")
    told(table.taken(Tensor(integers: [1]), axis: 2), "taken: axis 2 does not exist in shape [4, 3]")
    told(Tensor(zeros: [0, 2]).taken(Tensor(integers: [1])), "taken: a window of 1 does not fit axis 0 of [0, 2]")
    told(table.takenAlong(Tensor(integers: [1])), "takenAlong: indices of shape [1] do not have the 2 axes of [4, 3]")
    told(
      table.takenAlong(Tensor(integers: [1, 1], shape: [2, 1])),
      "takenAlong: indices of shape [2, 1] do not fit [4, 3] except along axis 1")
    told(
      table.gathered(at: Tensor(integers: [1, 1, 1])),
      "gathered: int32[3] does not hold integer vectors that index axes of [4, 3] after 0 batch axes")
    told(
      table.sliced(from: Tensor(integers: [1]), sizes: [5], axes: [0]),
      "sliced: a window of 5 does not fit axis 0 of [4, 3]")
  }

  @Test func scattering() throws {
    let zeros = Tensor(zeros: [4], .float64)
    let places = Tensor(integers: [1, 3, 1, 4, -1, -9])
    let values = Tensor([1, 2, 3, 4, 5, 6], .float64)
    try read(zeros.scattered(values, at: places), [4], [0, 4, 0, 7])
    try read(zeros.scattered(values, at: places, combining: .set), [4], [0, 3, 0, 5])
    try read((zeros + 2).scattered(values, at: places, combining: .maximum), [4], [2, 3, 2, 5])
    try read((zeros + 2).scattered(values, at: places, combining: .minimum), [4], [2, 1, 2, 2])
    try read((zeros + 2).scattered(values, at: places, combining: .multiply), [4], [2, 6, 2, 20])
    try read(table.scattered(Tensor(1.0, .float64), at: Tensor(integers: [0, 0]), axis: 1)[1], [3], [5, 4, 5])
    try read(
      Tensor(zeros: [2, 3], .float64).scatteredAlong(
        Tensor([[1], [2]], .float64), at: Tensor(integers: [2, 0], shape: [2, 1])),
      [2, 3], [0, 0, 1, 2, 0, 0])
    try read(
      Tensor(zeros: [2, 2], .float64).scatteredAlong(
        Tensor([[1, 2]], .float64), at: Tensor(integers: [1, 0], shape: [1, 2]), axis: 0), [2, 2], [0, 2, 1, 0])
    try read(
      zeros.reshaped([2, 2]).scattered(
        Tensor([5, 6], .float64), atVectors: Tensor(integers: [0, 1, 0, 1], shape: [2, 2])), [2, 2], [0, 11, 0, 0])
    try read(table.replacing(from: Tensor(integers: [9, 1]), with: Tensor([[0, 0]], .float64))[3], [3], [9, 0, 0])
    told(
      zeros.scattered(Tensor([1, 2], .float64), at: places),
      "scattered: updates of shape [2] cannot be repeated to [6]")
    told(
      zeros.scattered(Tensor([1.0]), at: places),
      "scattered: the updates of float64[4] at [6, 1] are float64[6, 1], not float32[6, 1]")
  }

  /// Ten million ones added to few places in float32 are counted exactly, and nearly so where they round.
  @Test func sumsAreAccurate() throws {
    let count = 1 << 18
    let places = Tensor.record32(count, 3)
    let tenths = Tensor(repeating: 0.1, shape: [count])
    let sums = try Tensor(zeros: [3]).scattered(tenths, at: places).floats()
    for (place, sum) in sums.enumerated() {
      let times = (count - place + 2) / 3
      #expect(sum == Float(Double(Float(0.1)) * Double(times)))
    }
    let rows = try Tensor(zeros: [3, 5]).scattered(tenths.expanded(axis: 1).broadcast(to: [count, 5]), at: places)
      .floats()
    #expect((0..<15).allSatisfy { rows[$0] == sums[$0 / 5] })
  }

  @Test func compressing() throws {
    let x = Tensor([3, 0, 5, 0, 7], .float64)
    try read(x.compressed(where: x .> 0, count: 4, filling: -1), [4], [3, 5, 7, -1])
    try read(x.compressed(where: x .> 0, count: 2), [2], [3, 5])
    try read(table.compressed(where: Tensor([0, 1, 0, 1]) .> 0.5, count: 3), [3, 3], [3, 4, 5, 9, 10, 11, 0, 0, 0])
    try read(x.compressed(where: x .> 9, count: 0), [0], [])
    try read(x.nonzero(count: 4), [4, 1], [0, 2, 4, 5])
    try read((table .> 9).nonzero(count: 3), [3, 2], [3, 1, 3, 2, 4, 3])
    try read(x.nonzero(count: 0), [0, 1], [])
    try read(x.unique(count: 0).values, [0], [])
    let (values, inverse, counts) = Tensor(integers: [3, 1, 3, 2, 1, 3], shape: [2, 3]).unique(count: 4, filling: 9)
    try read(values, [4], [1, 2, 3, 9])
    try read(inverse, [2, 3], [2, 0, 2, 1, 0, 2])
    try read(counts, [4], [2, 1, 3, 0])
    try read(Tensor(integers: [3, 1, 2]).unique(count: 2).values, [2], [1, 2])
    let nothing = Tensor(zeros: [0, 3]).unique(count: 2, filling: 7)
    try read(nothing.values, [2], [7, 7])
    try read(nothing.inverse, [0, 3], [])
    try read(nothing.counts, [2], [0, 0])
    let numbers = Tensor(integers: [1, 4, 1, -1, 0, 9])
    try read(numbers.binCount(5), [5], [1, 2, 0, 0, 1])
    try read(numbers.binCount(2, weights: Tensor([0.5, 1, 2, 3, 4, 5])), [2], [4, 2.5])
    let (bins, edges) = Tensor([0, 0.1, 0.5, 1, 1.5, -2, .nan], .float64).histogram(bins: 2, range: 0...1)
    try read(bins, [2], [2, 2])
    try read(edges, [3], [0, 0.5, 1])
    #expect(try gradient(at: x) { $0.compressed(where: x .> 0, count: 2).sum() }.scalars() == [1, 0, 1, 0, 0])
    told(x.compressed(where: x, count: 1), "compressed: float64[5] is not a mask over the leading axes of [5]")
    told(x.nonzero(count: -1), "nonzero: the count -1 is negative")
    told(x.binCount(2), "binCount: counts integers, not float64")
    told(
      numbers.histogram(bins: 2, range: 0...1).counts,
      "histogram: takes floating-point numbers, bins and a range of some width, not int32[6], 2, 0.0...1.0")
  }

  /// Gradients of gathered and scattered tensors, against differences.
  @Test func derivatives() throws {
    let places = Tensor(integers: [3, 1, 1, 0, 9])
    let weights = Tensor([[1, -2, 3], [0.5, 4, 1], [2, 2, -1], [1, 1, 5], [3, 0, 1]], .float64)
    try agrees(table) { (square($0.taken(places)) * weights).sum() }
    try agrees(table) { square($0.scatteredMean($0.taken(places) * weights, at: places)).sum() }
    try agrees(table) { square($0.scatteredMean($0.taken(places) * weights, at: places, countingOwn: false)).sum() }
    try agrees(table) { (square($0.scattered(weights, at: places))).sum() }
    try agrees(weights) { (square(table.scattered($0, at: places, combining: .multiply))).sum() }
    try agrees(table) { square($0.takenAlong(Tensor(integers: [2, 0], shape: [1, 2]))).sum() }
    try agrees(table) { square($0.sliced(from: Tensor(integers: [1, 1]), sizes: [2, 2])).sum() }
  }
}

extension Tensor {
  /// 0, 1, 2, … modulo a number, as int32.
  fileprivate static func record32(_ count: Int, _ modulus: Int) -> Tensor {
    Tensor(integers: (0..<count).map { $0 % modulus })
  }
}

/// Holds a gradient against central differences in every element.
func agrees(_ x: Tensor, _ function: (Tensor) -> Tensor) throws {
  let (values, slope) = (try x.scalars(), try gradient(at: x, of: function).scalars())
  for index in values.indices {
    func moved(_ step: Double) throws -> Double {
      var values = values
      values[index] += step
      return try function(Tensor(values, shape: x.shape, .float64)).item()
    }
    let difference = (try moved(1e-5) - moved(-1e-5)) / 2e-5
    #expect((difference - slope[index]).magnitude <= 1e-6 * max(1, difference.magnitude), "element \(index)")
  }
}
