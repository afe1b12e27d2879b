import DescentGraph
import DescentTensors
import Testing

/// Reading and assigning through subscripts.
@Suite("subscripts")
struct SubscriptTests {
  private let x = Tensor((0..<24).map(Double.init), shape: [2, 3, 4], .float64)
  private let line = Tensor([10, 11, 12, 13, 14], .float64)

  private func read(_ tensor: Tensor, _ shape: Shape, _ values: [Double]) throws {
    #expect(try tensor.scalars() == values)
    #expect(tensor.shape == shape)
  }

  @Test func numbersAndRanges() throws {
    try read(x[0], [3, 4], (0..<12).map(Double.init))
    try read(x[-1, 2, -1], [], [23])
    try read(x[0, 1..<3], [2, 4], [4, 5, 6, 7, 8, 9, 10, 11])
    try read(x[0, 1...2, 0], [2], [4, 8])
    try read(x[.ellipsis, -1], [2, 3], [3, 7, 11, 15, 19, 23])
    try read(x[1, .ellipsis, 0], [3], [12, 16, 20])
    try read(x[.all, .new, 2...], [2, 1, 1, 4], [8, 9, 10, 11, 20, 21, 22, 23])
    try read(x[0, 0, ..<2], [2], [0, 1])
    try read(x[0, 0, ...(-2)], [3], [0, 1, 2])
    try read(x[0, 0, -3...], [3], [1, 2, 3])
    try read(x[0, 0, -3 ... -1], [3], [1, 2, 3])
    try read(x[.new, 0, 0, 0], [1], [0])
    try read(line[2..<2], [0], [])
    try read(x[.ellipsis], [2, 3, 4], (0..<24).map(Double.init))
    let i = 1
    try read(x[i][i][i], [], [17])
  }

  @Test func steps() throws {
    try read(line[.strided(by: 2)], [3], [10, 12, 14])
    try read(line[.strided(from: 1, by: 3)], [2], [11, 14])
    try read(line[.strided(from: 1, to: -1, by: 2)], [2], [11, 13])
    try read(line[.strided(by: -1)], [5], [14, 13, 12, 11, 10])
    try read(line[.strided(from: 3, to: 0, by: -2)], [2], [13, 11])
    try read(line[.strided(from: -2, by: -3)], [2], [13, 10])
    try read(line[.strided(from: 2, to: 2, by: -1)], [0], [])
    try read(line[.strided(by: 100)], [1], [10])
  }

  @Test func indexTensors() throws {
    let rows = Tensor(integers: [1, -1, 0])
    try read(x[0, rows, 0], [3], [4, 8, 0])
    try read(line[Tensor(integers: [0, -1, 3, 99], shape: [2, 2])], [2, 2], [10, 14, 13, 14])
    try read(line[Tensor(integers: [0, 255], .uint8)], [2], [10, 14])
    // Side by side: where they stand. Apart: in front.
    let columns = Tensor(integers: [0, 1, 2], .int64)
    try read(x[.all, rows, columns], [2, 3], [4, 9, 2, 16, 21, 14])
    try read(x[.all, rows.expanded(axis: 1), columns][0, 1], [3], [8, 9, 10])
    try read(x[Tensor(integers: [1, 0]), .all, Tensor(integers: [2, 3])], [2, 3], [14, 18, 22, 3, 7, 11])
    try read(x[Tensor(integers: [1]), .new, 1], [1, 1, 4], [16, 17, 18, 19])
    try read(x[.ellipsis, Tensor(integers: [3, 0]), .new][1, 2], [2, 1], [23, 20])
    try read(line[Tensor(integers: [2], shape: [])], [], [12])
    try read(line[Tensor(integers: [], shape: [0])], [0], [])
  }

  @Test func assigning() throws {
    var y = x
    y[0] = Tensor(7.0, .float64)
    try read(y[.all, 0, 0], [2], [7, 12])
    y[.ellipsis, 1..<3] = Tensor([1, 2], .float64)
    try read(y[1, 2], [4], [20, 1, 2, 23])
    y[1, 1, 1] += Tensor(10.0, .float64)
    try read(y[1, 1], [4], [16, 11, 2, 19])
    try read(x[1, 1], [4], [16, 17, 18, 19])
    var z = line
    z[.strided(by: 2)] = Tensor([1, 2, 3], .float64)
    try read(z, [5], [1, 11, 2, 13, 3])
    z[.strided(from: 3, by: -1)] = Tensor([1, 2, 3, 4], .float64)
    try read(z, [5], [4, 3, 2, 1, 3])
    z[.strided(by: -2)] = Tensor([7, 8, 9], .float64)
    try read(z, [5], [9, 3, 8, 1, 7])
    z[2..<2] = Tensor(1.0, .float64)
    try read(z, [5], [9, 3, 8, 1, 7])
    z[.ellipsis] = Tensor(5.0, .float64)
    try read(z, [5], [5, 5, 5, 5, 5])
    z[Tensor(integers: [1, 3, 1, 9])] = Tensor([1, 2, 3, 4], .float64)
    try read(z, [5], [5, 3, 5, 2, 5])
    var w = x
    w[0, Tensor(integers: [0, 2]), 1..<3] = Tensor([[1, 2], [3, 4]], .float64)
    try read(w[0], [3, 4], [0, 1, 2, 3, 4, 5, 6, 7, 8, 3, 4, 11])
    w[w .> 4] = Tensor(-1.0, .float64)
    #expect(try w.scalars().filter { $0 == -1 }.count == 17)
    var v = Tensor([[1, 2], [3, 4]])
    v[Tensor([0, 1]) .> 0.5] = Tensor([8.0, 9])
    try read(v, [2, 2], [1, 2, 8, 9])
  }

  /// Assigning cuts the old elements' derivatives and hands those of the new ones on.
  @Test func derivatives() throws {
    let weights = Tensor([1, 2, 3, 4, 5], .float64)
    func check(_ assign: (inout Tensor, Tensor) -> Void, _ old: [Double], _ new: [Double]) throws {
      let value = Tensor([20, 30], .float64)
      let (dx, dv) = try gradient(at: line, value) { x, v in
        var x = x
        assign(&x, v)
        return (x * x * weights).sum()
      }
      #expect(try dx.scalars() == old)
      #expect(try dv.scalars() == new)
    }
    try check({ $0[1..<3] = $1 }, [20, 0, 0, 104, 140], [80, 180])
    try check({ $0[.strided(by: 3)] = $1 }, [0, 44, 72, 0, 140], [40, 240])
    try check({ $0[.strided(from: 1, by: -1)] = $1 }, [0, 0, 72, 104, 140], [80, 60])
    try check({ $0[Tensor(integers: [2, -1])] = $1 }, [20, 44, 0, 104, 0], [120, 300])
    // Of two that meet, the last one is seen.
    try check({ $0[Tensor(integers: [2, 2])] = $1 }, [20, 44, 0, 104, 140], [0, 180])
    let slope = try gradient(at: line) { ($0[Tensor(integers: [1, 1, 0, 7])] * Tensor([1, 2, 3, 4], .float64)).sum() }
    #expect(try slope.scalars() == [3, 3, 0, 0, 4])
  }

  @Test func mistakes() throws {
    func told(_ tensor: Tensor, _ message: String) {
      let error = #expect(throws: TensorError.self) { try tensor.scalars() }
      #expect(error.map { "\($0.operation): \($0.message)" } == message)
    }
    told(x[2], "subscript: index 2 does not exist along axis 0 of [2, 3, 4]")
    told(x[0, -4], "subscript: index -4 does not exist along axis 1 of [2, 3, 4]")
    told(x[0, 0, 0, 0], "subscript: [0, 0, 0, 0] indexes 4 axes, [2, 3, 4] has 3")
    told(x[0, 1..<9], "subscript: 1..<9 does not fit axis 1 of [2, 3, 4]")
    told(x[-1..<0], "subscript: -1..<0 does not fit axis 0 of [2, 3, 4]")
    told(x[..<(-5)], "subscript: ..<-5 does not fit axis 0 of [2, 3, 4]")
    #expect(x[.all, .strided(from: 1, to: -1)].shape == [2, 1, 4])
    told(x[...Int.max][0, 0, 0, 0], "subscript: [0, 0, 0, 0] indexes 4 axes, [2, 3, 4] has 3")
    told(
      x[.strided(by: 0)], "subscript: .strided(from: nil, to: nil, by: 0) does not fit axis 0 of [2, 3, 4]")
    told(
      x[.strided(from: 0, to: 1, by: -1)],
      "subscript: .strided(from: 0, to: 1, by: -1) does not fit axis 0 of [2, 3, 4]")
    told(
      x[.strided(by: .min)],
      "subscript: .strided(from: nil, to: nil, by: -9223372036854775808) does not fit axis 0 of [2, 3, 4]")
    told(x[.ellipsis, .ellipsis], "subscript: [.ellipsis, .ellipsis] has more than one ellipsis")
    told(x[line], "subscript: an index tensor holds integers, not float64")
    told(
      x[x .> 3],
      "subscript: how many elements a mask holds is known only at run time; use where(mask, x, other), or"
        + " x.compressed(where: mask, count:), or let the mask be the only index and assign to it")
    told(
      x[Tensor(integers: [0, 1]), Tensor(integers: [0, 1, 2])],
      "subscript: index tensors of shapes [[2], [3]] do not fit together")
    told(line[5][0], "subscript: index 5 does not exist along axis 0 of [5]")
    var y = x
    y[0] = Tensor([1, 2], .float64)
    told(y, "subscript: [2] cannot be assigned to [3, 4]")
    y = x
    y[0] = Tensor([1.0])
    told(y, "subscript: cannot assign float32 to elements of float64")
    y = x
    y[line .> 0] = Tensor(0.0, .float64)
    told(y, "subscript: a mask of shape [5] does not fit the leading axes of [2, 3, 4]")
    y = x
    y[Tensor(integers: [0])] = line
    told(y, "subscript: updates of shape [5] cannot be repeated to [1, 3, 4]")
    y = x
    y[7] = line
    told(y, "subscript: index 7 does not exist along axis 0 of [2, 3, 4]")
  }
}
