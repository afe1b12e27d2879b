import Descent
import Testing

@Suite struct Tensors {
  @Test func makingAndReading() throws {
    let row = Tensor([1, 2, 3])  // float32[3]
    let matrix = Tensor([[1, 2, 3], [4, 5, 6]])  // float32[2, 3]
    let counts = Tensor(integers: [3, 1, 4], .int64)
    let noise = RandomKey(seed: 1).normal([2, 3])
    let sums = (matrix + row * 2 + noise * 0).sum(axes: -1)

    print(sums.shape, try sums.scalars())  // [2] [18.0, 27.0]
    let rows: [[Float]] = try matrix.array()
    let largest = try counts.max().item(as: Int.self)

    #expect(try sums.shape == [2] && sums.scalars() == [18, 27])
    #expect(rows == [[1, 2, 3], [4, 5, 6]] && largest == 4)
  }

  @Test func shapes() throws {
    let images = Tensor(rangeTo: 24).reshaped([2, 3, 4])

    let first = images[0]  // [3, 4]
    let corner = images[.ellipsis, 0..<2, 0]  // [2, 2]
    let reversed = images[.all, .strided(by: -1)]  // [2, 3, 4]
    let columns = images[.all, .all, Tensor(integers: [3, 0])]  // [2, 3, 2]
    let batch = images[.new, .ellipsis]  // [1, 2, 3, 4]
    let flat = images.flattened()  // [2, 12]
    let channelsFirst = images.transposed([0, 2, 1])  // [2, 4, 3]

    #expect(first.shape == [3, 4] && corner.shape == [2, 2] && reversed.shape == [2, 3, 4])
    #expect(columns.shape == [2, 3, 2] && batch.shape == [1, 2, 3, 4])
    #expect(flat.shape == [2, 12] && channelsFirst.shape == [2, 4, 3])
    #expect(try reversed[0, 0].scalars() == [8, 9, 10, 11])
  }

  @Test func types() throws {
    let counts = Tensor(integers: [1, 2, 3])

    let scaled = counts.converted(to: .float32) / 3
    let isLarge = scaled .> 0.5  // bool[3]
    let kept = `where`(isLarge, scaled, 0.0)

    #expect(isLarge.elementType == .bool)
    #expect(try kept.scalars()[0] == 0)
  }

  @Test func lazily() throws {
    let a = RandomKey(seed: 1).normal([256, 256])
    let product = matmul(a, a)  // nothing is computed yet
    let mean = product.mean()
    let largest = product.max()
    try evaluate(mean, largest)  // one plan for both

    #expect(try mean.item() < largest.item())
  }
}
