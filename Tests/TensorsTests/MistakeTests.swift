import DescentGraph
import DescentTensors
import Testing

/// Every mistake is told by the first read, in full: operation, what was asked and found, the user's file and line.
@Suite("mistakes")
struct MistakeTests {
  let vector = Tensor([1, 2, 3])
  let matrix = Tensor(zeros: [2, 3])
  let whole = Tensor(integers: [1, 2, 3])
  let truths = Tensor([1.0, 2]) .> 1.5

  /// The groups of mistakes, which `MistakeGroups…` write down.
  private var groups: [(MistakeListener) throws -> Void] {
    [
      elementwise, creation, shapes, reductions, functions, products, images, transposedConvolutions, derivatives,
      control, rules, keys,
    ]
  }

  @Test(arguments: 0..<12) func areTold(group: Int) throws {
    #expect(groups.count == 12)
    try groups[group](MistakeListener(isMaking: true))
  }

  /// The table is as long as it claims.
  @Test func areManyAndDifferent() throws {
    let told = MistakeListener(isMaking: false)
    for group in groups { try group(told) }
    let count = Set(told.messages).count
    print("mistakes of users: \(count) different ones, each with its message and line")
    #expect(count >= 100)
  }

  @Test func program9() throws {
    let y = matmul(Tensor(zeros: [32, 784]), Tensor(zeros: [500, 10]))
    let line = #line - 1
    let error = #expect(throws: TensorError.self) { try y.scalars() }
    #expect(
      error?.description
        == "matmul: inner sizes differ: [32, 784] · [500, 10] (784 ≠ 500) at MistakeTests.swift:\(line)")
  }

  @Test func reading() {
    func item() throws -> Tensor { Tensor(try vector.item()) }
    let line = #line - 1
    let error = #expect(throws: TensorError.self) { try item() }
    #expect(error?.description == "item: the tensor [3] has 3 elements, not one at MistakeTests.swift:\(line)")
    #expect(throws: TensorError.self) { try Tensor(zeros: [0]).item() }
  }

  /// Whatever is done with a tensor that carries an error, the first error comes out, with its own place.
  @Test func theFirstErrorTravels() throws {
    let wrong = vector + Tensor([1, 2])
    let line = #line - 1
    let message = "+: shapes [3] and [2] do not fit: sizes must be equal or 1 at MistakeTests.swift:\(line)"
    let later = vector.reshaped([7])
    let travelers: [Tensor] = [
      wrong * 2.0, 2.0 / wrong, -wrong, exp(wrong), pow(wrong, 2), wrong .== vector, vector .== wrong, .!wrong,
      wrong + later, later.unlessFailedTest(wrong), `where`(wrong, vector, vector), `where`(truths, vector, wrong),
      relu(wrong), softplus(wrong), gelu(wrong), wrong.clamped(0, 1), maximum(wrong, 0), wrong.reshaped([9]),
      wrong.flattened(), wrong.transposed(), wrong.expanded(axis: 9), wrong.sliced(5..<6), wrong.reversed(),
      wrong.padded(low: [], high: []), wrong.oneHot(count: 2), concatenated([vector, wrong]), stacked([wrong]),
      wrong.sum(), wrong.mean(axes: [8]), wrong.variance(), wrong.max(), wrong.argMax(), wrong.any(), logSumExp(wrong),
      softmax(wrong), logSoftmax(wrong), matmul(wrong, matrix), matmul(matrix, wrong), convolution(wrong, wrong),
      averagePool(wrong, size: 2), maxPool(wrong, size: 2), wrong.broadcast(to: [1]), wrong.converted(to: .int8),
      stopGradient(wrong), sqrt(wrong).sum(axes: [3]),
    ]
    for (index, tensor) in travelers.enumerated() where tensor.error?.operation != "reshaped" {
      #expect(tensor.error?.description == message, "\(index)")
    }
    #expect(throws: TensorError.self) { try evaluate(vector, wrong) }
    #expect(throws: TensorError.self) { try gradient(at: wrong) { $0.sum() } }
    #expect(throws: TensorError.self) { try gradient(at: vector) { ($0 * wrong).sum() } }
    #expect(wrong.description == "Tensor(error: \(message))")
  }
}

extension Tensor {
  fileprivate func unlessFailedTest(_ other: Tensor) -> Tensor { error != nil ? self : other }
}
