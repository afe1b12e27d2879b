import DescentGraph
import DescentLayers
import DescentTensors
import Testing

@Suite struct PredictorTests {
  private struct Network: Layer {
    var hidden = Dense(units: 4)
    var normalization = BatchNorm()
    var dropout = Dropout(rate: 0.5)
    func callAsFunction(_ x: Tensor) -> Tensor { dropout(normalization(hidden(x))) }
  }

  @Test func answersAsTheModelDoes() throws {
    let x = RandomKey(seed: 1).normal([3, 5])
    let model = try Network().initialized(for: x)
    let predictor = try model.predictor()
    for rows in [1, 3, 2, 3] {
      let input = x.sliced(0..<rows)
      let (found, wanted) = (try predictor(input), model.predict(input))
      #expect(found.shape == [rows, 4] && wanted.shape == [rows, 4])
      #expect(try found.scalars() == wanted.scalars())
    }
    #expect(predictor.compilationCount == 3)
    // Within training it is inference all the same, and part of what is differentiated.
    let whileTraining = try training(seed: 1) { try predictor(x).scalars() }
    #expect(try whileTraining == model.predict(x).scalars())
    let slope = try gradient(at: x) { x in try predictor(x).sum() }
    #expect(try slope.scalars() == gradient(at: x) { x in model.predict(x).sum() }.scalars())
  }

  @Test func mistakesNameTheLayer() throws {
    let predictor = try Network().initialized(for: Tensor(zeros: [2, 5])).predictor()
    let fault = #expect(throws: TensorError.self) { try predictor(Tensor(zeros: [2, 6])) }
    #expect("\(try #require(fault))".hasPrefix("hidden (Dense): was made for 5 features, found an input [2, 6]"))
    let unbound = try Network().predictor()
    #expect(throws: TensorError.self) { try unbound(Tensor(zeros: [2, 6])) }
  }

  @Test func otherInputsAndPrecisions() throws {
    struct Pair: Codable, Sendable {
      var a: Tensor
      var b: Tensor
    }
    struct Adder: Layer {
      var scale = Tensor([2])
      func callAsFunction(_ pair: Pair) -> Pair { Pair(a: pair.a * scale, b: pair.a + pair.b) }
    }
    let predictor = try Adder().predictor()
    let found = try predictor(Pair(a: Tensor([1, 2]), b: Tensor([10, 20])))
    #expect(try found.a.scalars() == [2, 4] && found.b.scalars() == [11, 22])
    let x = RandomKey(seed: 1).normal([3, 5])
    let model = try Network().initialized(for: x)
    let narrow = try model.predictor(precision: .bfloat16)(x)
    let wanted = withPrecision(.bfloat16) { model.predict(x) }
    #expect(narrow.type == TensorType([3, 4], .float32))
    #expect(try narrow.scalars() == wanted.scalars())
  }
}
