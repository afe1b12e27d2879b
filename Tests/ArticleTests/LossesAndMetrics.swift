import Descent
import Testing

@Suite struct LossesAndMetrics {
  private let logits = Tensor([[2, 0, 1], [0, 3, 1], [0, 1, 5], [4, 1, 0]])
  private let labels = Tensor(integers: [0, 1, 2, 2])
  private let padded = Tensor(integers: [0, 1, 2, -1])
  private let isKnown = Tensor([true, true, true, false])

  @Test func settings() throws {
    let rows = softmaxCrossEntropy(logits, labels, reduction: .none)  // [batch]
    let masked = softmaxCrossEntropy(logits, labels, weights: isKnown)
    let ragged = softmaxCrossEntropy(
      logits, padded, labelSmoothing: 0.1, ignoring: -1)

    #expect(rows.shape == [4])
    let wanted = try rows[..<3].mean().item()
    #expect(try abs(masked.item() - wanted) < 1e-6)
    #expect(try ragged.item() > wanted)
  }

  @Test func values() throws {
    let loss = Loss.softmaxCrossEntropy(labelSmoothing: 0.1, ignoring: -1)
    print(loss)  // softmaxCrossEntropy(labelSmoothing: 0.1, ignoring: -1)
    let number = loss(logits, padded)

    #expect("\(loss)" == "softmaxCrossEntropy(labelSmoothing: 0.1, ignoring: -1)")
    #expect(try number.item() == softmaxCrossEntropy(logits, padded, labelSmoothing: 0.1, ignoring: -1).item())
  }

  @Test func metrics() throws {
    var f1 = MetricAccumulator(.f1(.macro))
    for batch in [0..<3, 3..<4] {
      try f1.add(logits[batch], labels[batch])
    }
    print(try f1.value())

    #expect(try abs(f1.value() - (2 / 3.0 + 1 + 2 / 3.0) / 3) < 1e-12)
  }
}
