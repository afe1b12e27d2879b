import Descent
import Testing

@Suite struct Backends {
  @Test func twoAnswers() throws {
    let x = RandomKey(seed: 1).normal([8, 5])
    let model = try Dense(units: 3).initialized(for: x)
    try evaluate(x)

    func answer() throws -> [Double] { try softmax(model(x)).mean(axes: 0).scalars() }
    let doubtful = try answer()
    let right = try withBackend(.reference) { try answer() }
    for (a, b) in zip(doubtful, right) { print(a, b, abs(a - b)) }

    #expect(zip(doubtful, right).allSatisfy { abs($0 - $1) < 1e-6 })
  }

  @Test func names() {
    print(Backend.current, Backend.all)  // cpu [cpu, reference]
    #expect(Backend.all.map(\.name) == ["cpu", "reference"])
  }
}
