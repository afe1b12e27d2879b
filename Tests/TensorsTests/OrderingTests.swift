import DescentGraph
import DescentTensors
import Testing

/// Functions that put elements in order, and those that move them about.
@Suite("order and rearrangement")
struct OrderingTests {
  private let x = Tensor([[3, 1, 2], [-1, 5, 0.5]], .float64)
  private let line = Tensor([1, 2, 3, 4, 5], .float64)

  private func read(_ tensor: Tensor, _ shape: Shape, _ values: [Double]) throws {
    #expect(try tensor.scalars() == values)
    #expect(tensor.shape == shape)
  }

  private func told(_ tensor: Tensor, _ message: String) {
    let error = #expect(throws: TensorError.self) { try tensor.scalars() }
    #expect(error.map { "\($0.operation): \($0.message)" } == message)
  }

  @Test func sorting() throws {
    try read(x.sorted(), [2, 3], [1, 2, 3, -1, 0.5, 5])
    try read(x.sorted(axis: 0, descending: true), [2, 3], [3, 5, 2, -1, 1, 0.5])
    try read(x.argSorted(), [2, 3], [1, 2, 0, 0, 2, 1])
    try read(Tensor(integers: [2, 1, 2, 1]).argSorted(descending: true), [4], [0, 2, 1, 3])
    let ordered = sorted([Tensor(integers: [2, 1, 2, 1]), Tensor([1, 2, 3, 4], .float64)])
    try read(ordered[1], [4], [2, 4, 1, 3])
    let (values, indices) = x.topK(2)
    try read(values, [2, 2], [3, 2, 5, 0.5])
    try read(indices, [2, 2], [0, 2, 1, 2])
    try read(x.topK(1, axis: 0, smallest: true).values, [1, 3], [-1, 1, 0.5])
    let weights = Tensor([[1, 2, 3], [4, 5, 6]], .float64)
    try agrees(x) { (square($0.sorted()) * weights).sum() }
    try agrees(x) { (square($0.topK(2, axis: 1).values) * weights[.all, 1...]).sum() }
    told(x.sorted(axis: 2), "sorted: axis 2 does not exist in shape [2, 3]")
    told(x.topK(4).values, "topK: cannot take 4 of the 3 elements along axis 1 of [2, 3]")
    told(sorted([])[0], "sorted: needs at least one tensor")
    told(sorted([x, line])[0], "sorted: [5] cannot be carried along with [2, 3]")
  }

  @Test func searching() throws {
    let steps = Tensor([1, 2, 2, 4], .float64)
    let values = Tensor([0, 1, 2, 3, 4, 9, .nan, -.infinity], .float64)
    try read(steps.searchSorted(values), [8], [0, 0, 1, 3, 3, 4, 4, 0])
    try read(steps.searchSorted(values, after: true), [8], [0, 1, 3, 3, 4, 4, 4, 0])
    try read(Tensor(integers: [5]).searchSorted(Tensor(integers: [4, 5, 6], shape: [3, 1])), [3, 1], [0, 0, 1])
    try read(Tensor(zeros: [0]).searchSorted(Tensor([1.0])), [1], [0])
    told(
      x.searchSorted(steps),
      "searchSorted: searches a vector, or rows, for values of their own type, not float64[2, 3] for float64[4]")
  }

  @Test func middles() throws {
    try read(x.median(), [], [1.5])
    try read(x.median(axes: [1], keepingAxes: true), [2, 1], [2, 0.5])
    try read(x.quantile(0.25, axes: [0]), [3], [0, 2, 0.875])
    try read(line.quantile(1), [], [5])
    try read(line.quantile(0), [], [1])
    #expect(try Tensor([1, .nan, 2]).median().item().isNaN)
    #expect(try Tensor([.infinity, .infinity, 1, .infinity]).median().item() == .infinity)
    #expect(try Tensor([-.infinity, .infinity]).median().item().isNaN)
    try read(Tensor([1, .infinity, 2, 3], .float64).quantile(1.0 / 3), [], [2])
    try agrees(x) { square($0.quantile(0.3, axes: [1])).sum() }
    told(x.quantile(1.5), "quantile: 1.5 is not between 0 and 1")
    told(Tensor(zeros: [0]).median(), "median: [0] has no elements along axes [0]")
  }

  @Test func moving() throws {
    try read(line.rolled(by: 2), [5], [4, 5, 1, 2, 3])
    try read(line.rolled(by: -6), [5], [2, 3, 4, 5, 1])
    try read(x.rolled(by: 1, axis: 0)[0], [3], [-1, 5, 0.5])
    try read(Tensor([1, 2]).tiled([2, 2]), [2, 4], [1, 2, 1, 2, 1, 2, 1, 2])
    try read(Tensor([[1], [2]]).tiled([3]), [2, 3], [1, 1, 1, 2, 2, 2])
    try read(Tensor([1, 2]).repeated(2), [4], [1, 1, 2, 2])
    try read(Tensor([[1, 2]]).repeated(0, axis: 0), [0, 2], [])
    #expect(line.split([2, 0, 3]).map(\.shape) == [[2], [0], [3]])
    try read(line.split([2, 3])[1], [3], [3, 4, 5])
    #expect(line.chunked(2).map(\.shape) == [[3], [2]])
    #expect(line.chunked(9).count == 5)
    try read(x[.new, .all, .new].squeezed(), [2, 3], [3, 1, 2, -1, 5, 0.5])
    try read(x[.new].squeezed(axes: [0])[0], [3], [3, 1, 2])
    #expect(Tensor(zeros: [2, 3, 4]).moved(0, to: -1).shape == [3, 4, 2])
    #expect(Tensor(zeros: [2, 3, 4]).swapped(0, -1).shape == [4, 3, 2])
    let grid = meshGrid([Tensor([1, 2]), Tensor([3, 4, 5])])
    try read(grid[0], [2, 3], [1, 1, 1, 2, 2, 2])
    try read(grid[1], [2, 3], [3, 4, 5, 3, 4, 5])
    try agrees(line) { (square($0.rolled(by: 2)) * line).sum() }
    try agrees(x) { square($0.tiled([2, 2]) * 2).sum() + square($0.repeated(3, axis: 0)).sum() }
    told(line.tiled([-1]), "tiled: [-1] has a negative count")
    told(line.tiled([.max]), "tiled: [5] would have more elements than can be addressed")
    told(line.repeated(-1), "repeated: the count -1 is negative")
    told(line.split([2, 4])[0], "split: parts of [2, 4] do not fit axis 0 of [5]")
    told(line.split([2])[0], "split: parts of [2] leave some of axis 0 of [5]")
    told(line.chunked(0)[0], "chunked: cannot cut into 0 parts")
    told(x.squeezed(axes: [0]), "squeezed: axis 0 of [2, 3] has 2 indices, not 1")
    told(x.moved(0, to: 2), "moved: axis 2 does not exist in shape [2, 3]")
    told(meshGrid([x])[0], "meshGrid: takes tensors of one axis, not [2, 3]")
  }

  @Test func padding() throws {
    try read(line.padded(low: [2], high: [1], mode: .reflect), [8], [3, 2, 1, 2, 3, 4, 5, 4])
    try read(line.padded(low: [2], high: [1], mode: .edge), [8], [1, 1, 1, 2, 3, 4, 5, 5])
    try read(line.padded(low: [2], high: [1], mode: .circular), [8], [4, 5, 1, 2, 3, 4, 5, 1])
    try read(line.padded(low: [0], high: [1], mode: .constant(9)), [6], [1, 2, 3, 4, 5, 9])
    try read(
      Tensor([[1, 2], [3, 4]]).padded(low: [1, 0], high: [0, 1], mode: .reflect), [3, 3], [3, 4, 3, 1, 2, 1, 3, 4, 3])
    for mode in [PaddingMode.reflect, .edge, .circular] {
      try agrees(line) { square($0.padded(low: [2], high: [3], mode: mode) * 2).sum() }
    }
    told(
      line.padded(low: [5], high: [0], mode: .reflect),
      "padded: axis 0 of [5] is too short to be padded by 5 and 0: reflect")
    told(line.padded(low: [-1], high: [0], mode: .edge), "padded: amounts [-1] and [0] do not fit the 1 axes of [5]")
  }

  @Test func diagonals() throws {
    let square = Tensor((1...12).map(Double.init), shape: [3, 4], .float64)
    try read(square.diagonal(), [3], [1, 6, 11])
    try read(square.diagonal(offset: 2), [2], [3, 8])
    try read(square.diagonal(offset: -1), [2], [5, 10])
    try read(square.diagonal(offset: 4), [0], [])
    try read(square.trace(), [], [18])
    try read(Tensor([1, 2]).diagonalMatrix(), [2, 2], [1, 0, 0, 2])
    try read(Tensor([1, 2]).diagonalMatrix(offset: -1), [3, 3], [0, 0, 0, 1, 0, 0, 0, 2, 0])
    try read(Tensor([[1, 2], [3, 4]]).diagonalMatrix(offset: 1)[1], [3, 3], [0, 3, 0, 0, 0, 4, 0, 0, 0])
    try read(Tensor(ones: [2, 3]).lowerTriangle(), [2, 3], [1, 0, 0, 1, 1, 0])
    try read(Tensor(ones: [2, 3]).upperTriangle(offset: 1), [2, 3], [0, 1, 1, 0, 0, 1])
    try read(Tensor(ones: [2, 2]).lowerTriangle(offset: .max), [2, 2], [1, 1, 1, 1])
    try agrees(square) { ($0.diagonal(offset: 1) * $0.diagonal()).sum() }
    try agrees(line) { ($0.diagonalMatrix(offset: 1) * $0.diagonalMatrix(offset: 1)).sum() }
    told(line.diagonal(), "diagonal: takes matrices in the last two axes, not [5]")
    told(
      line.diagonalMatrix(offset: .min),
      "diagonalMatrix: an offset of -9223372036854775808 makes more elements than can be addressed")
  }

  @Test func resizing() throws {
    let picture = Tensor([0, 1, 2, 3], shape: [1, 2, 2, 1], .float64)
    try read(picture.resized([4, 2], method: .nearest), [1, 4, 2, 1], [0, 1, 0, 1, 2, 3, 2, 3])
    try read(picture.resized([2, 4]), [1, 2, 4, 1], [0, 0.25, 0.75, 1, 2, 2.25, 2.75, 3])
    try read(picture.resized([1, 1]), [1, 1, 1, 1], [1.5])
    try agrees(picture) { square($0.resized([3, 5])).sum() }
    // Means over what becomes one; larger is as before, and constants stay.
    let four = Tensor([1, 2, 3, 10], shape: [1, 4, 1], .float64)
    let mean = try four.resized([1], antialiasing: true).item()
    #expect(abs(mean - (0.625 * (1 + 10) + 0.875 * (2 + 3)) / 3) < 1e-12)
    try read(picture.resized([2, 4], antialiasing: true), [1, 2, 4, 1], [0, 0.25, 0.75, 1, 2, 2.25, 2.75, 3])
    try agrees(picture) { square($0.resized([1, 3], method: .cubic, antialiasing: true)).sum() }
    #expect(Tensor(zeros: [1, 9, 1], .bfloat16).resized([2], antialiasing: true).elementType == .bfloat16)
    told(line.resized([2]), "resized: takes [batch, 1 spatial axes, channels] and sizes above 0, not [5]")
  }
}
