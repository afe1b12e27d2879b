import DescentLayers
import DescentTensors
import Foundation
import Testing

@Suite struct CTCLossTests {
  /// −log of the probability of labels, from all paths one by one.
  private func enumerated(_ logits: [[Double]], _ labels: [Int], blank: Int) -> Double {
    let symbols = logits[0].count
    let rows = logits.map { row in row.map { exp($0) / row.map { exp($0) }.reduce(0, +) } }
    var total = 0.0
    for number in 0..<Int(pow(Double(symbols), Double(rows.count))) {
      var rest = number
      var probability = 1.0
      var spelled: [Int] = []
      var last = -1
      for row in rows {
        let symbol = rest % symbols
        rest /= symbols
        probability *= row[symbol]
        if symbol != last, symbol != blank { spelled.append(symbol) }
        last = symbol
      }
      if spelled == labels { total += probability }
    }
    return -log(total)
  }

  private func rows(_ time: Int, _ symbols: Int, _ seed: Int) -> [[Double]] {
    (0..<time).map { t in (0..<symbols).map { 2 * sin(Double(t * 5 + $0 * 3 + seed * 11)) } }
  }

  @Test(arguments: [0, 2]) func agreesWithTheSumOverAllPaths(blank: Int) throws {
    let (a, b) = blank == 0 ? (1, 2) : (0, 1)
    let cases = [[a], [a, b], [a, a], [a, b, a], [b, b, a], [], [b, a]]
    let logits = cases.indices.map { rows(5, 3, $0) }
    let wanted = zip(logits, cases).map { enumerated($0, $1, blank: blank) }
    let tensor = Tensor(logits.flatMap { $0.flatMap(\.self) }, shape: [cases.count, 5, 3], .float64)
    let labels = Tensor(
      integers: cases.flatMap { $0 + [Int](repeating: -1, count: 3 - $0.count) }, shape: [cases.count, 3])
    for (index, loss) in wanted.enumerated() {
      let one = try ctcLoss(
        tensor.sliced(index..<index + 1), labels.sliced(index..<index + 1), blank: blank
      ).item()
      expectClose([one], [loss])
    }
    try expectClose(
      [ctcLoss(tensor, labels, blank: blank).item()], [wanted.reduce(0, +) / Double(cases.count)])
    try expectGradient(of: [tensor]) { ctcLoss($0[0], labels, blank: blank) }
  }

  @Test func largeLogitsStayFinite() throws {
    let logits = sample([2, 6, 4]) * 1e4
    let labels = Tensor(integers: [1, 2, 3, 3], shape: [2, 2])
    let narrow = logits.converted(to: .float32)
    #expect(try ctcLoss(narrow, labels).item().isFinite)
    #expect(try gradient(at: narrow) { ctcLoss($0, labels) }.scalars().allSatisfy(\.isFinite))
  }

  @Test func labelsThatDoNotFit() throws {
    let logits = sample([1, 2, 4])
    func loss(_ labels: [Int]) throws -> Double {
      try ctcLoss(logits, Tensor(integers: labels, shape: [1, labels.count])).item()
    }
    #expect(try loss([1, 1]) > 1e29)
    #expect(try loss([1, 2, 3]) > 1e29)
    #expect(try loss([4]).isNaN)
    #expect(try loss([0]).isNaN)
    #expect(try loss([-2]).isNaN)
    // No labels at all: every step is a blank.
    #expect(try loss([]).isFinite)
    #expect(
      fault(of: ctcLoss(logits, Tensor(integers: [1]))).contains("take integer labels [1, length]"))
    #expect(fault(of: ctcLoss(sample([2, 2]), Tensor(integers: [1]))).contains("takes logits"))
    #expect(
      fault(of: ctcLoss(logits, Tensor(integers: [1], shape: [1, 1]), blank: 9)).contains("blank 9"))
  }

  @Test func inputLengthsAndEndsThatDoNotFit() throws {
    let logits = sample([2, 3, 4])
    let labels = Tensor(integers: [1, -1, -1, -1], shape: [2, 2])
    func loss(_ lengths: [Int]) -> Tensor {
      ctcLoss(logits, labels, inputLengths: Tensor(integers: lengths), reduction: .none)
    }
    #expect(fault(of: loss([3, 4])).contains("the input length 4 at [1] lies outside 0..<4"))
    #expect(fault(of: loss([-1, 2])).contains("the input length -1 at [0]"))
    // No time step spells no label, and nothing else.
    let none = try loss([0, 0]).scalars()
    #expect(none[0] > 1e29 && none[1] == 0)
    #expect(
      try gradient(at: logits) { ctcLoss($0, labels, inputLengths: Tensor(integers: [2, 0])) }.scalars()
        .allSatisfy(\.isFinite))
    let computed = Tensor([4.0, 3]).converted(to: .int64)
    let unknown = try compiled { (x: Tensor, n: Tensor) in
      ctcLoss(x, labels, inputLengths: n + n - n, reduction: .none)
    }(logits, computed).scalars()
    #expect(unknown[0].isNaN && unknown[1].isFinite)
    let gap = Tensor(integers: [1, -1, 2, 1, 2, -1], shape: [2, 3])
    let losses = try ctcLoss(logits, gap, reduction: .none).scalars()
    #expect(losses[0].isNaN && losses[1].isFinite)
  }
}
