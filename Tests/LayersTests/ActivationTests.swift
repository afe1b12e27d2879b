import DescentGraph
import DescentLayers
import DescentTensors
import Foundation
import TestSupport
import Testing

@Suite struct ActivationTests {
  /// Every activation with the function that it stands for.
  static let all: [(Activation, @Sendable (Tensor) -> Tensor)] = [
    (.identity, { $0 }), (.relu, { relu($0) }), (.relu6, { relu6($0) }),
    (.leakyRelu(), { leakyRelu($0) }), (.leakyRelu(slope: 0.2), { leakyRelu($0, slope: 0.2) }),
    (.elu(alpha: 0.5), { elu($0, alpha: 0.5) }), (.celu(alpha: 2), { celu($0, alpha: 2) }), (.selu, { selu($0) }),
    (.softplus, { softplus($0) }),
    (.thresholded(above: 0.3, otherwise: -1), { thresholded($0, above: 0.3, otherwise: -1) }),
    (.gelu, { gelu($0) }), (.geluTanh, { gelu($0, .tanh) }), (.silu, { silu($0) }), (.mish, { mish($0) }),
    (.hardSwish, { hardSwish($0) }), (.glu, { glu($0) }), (.sigmoid, { sigmoid($0) }),
    (.logSigmoid, { logSigmoid($0) }), (.hardSigmoid, { hardSigmoid($0) }), (.tanh, { tanh($0) }),
    (.hardTanh(from: -0.5, to: 0.25), { hardTanh($0, from: -0.5, to: 0.25) }), (.softsign, { softsign($0) }),
    (.tanhShrink, { tanhShrink($0) }), (.softShrink(threshold: 0.2), { softShrink($0, threshold: 0.2) }),
    (.hardShrink(), { hardShrink($0) }), (.softmax, { softmax($0) }), (.logSoftmax, { logSoftmax($0) }),
  ]

  @Test func eachIsItsFunction() throws {
    let x = sample([3, 4]) * 3
    for (activation, function) in Self.all {
      #expect(try activation(x).scalars() == function(x).scalars(), "\(activation)")
    }
  }

  /// As settings of a model that is walked, and as JSON.
  @Test func areCodedAndPrinted() throws {
    for (activation, _) in Self.all {
      let data = try JSONEncoder().encode(activation)
      #expect(try JSONDecoder().decode(Activation.self, from: data) == activation)
    }
    #expect("\(Activation.relu), \(Activation.leakyRelu(slope: 0.2))" == "relu, leakyRelu(slope: 0.2)")
    struct Block: Layer {
      var hidden = Dense(units: 3)
      var activation = Activation.elu(alpha: 0.5)
      func callAsFunction(_ x: Tensor) -> Tensor { activation(hidden(x)) }
    }
    let block = try Block(activation: .softShrink(threshold: 0.1)).initialized(for: sample([2, 4]))
    #expect(block.activation == .softShrink(threshold: 0.1))
    #expect(block.parameters.map(\.path) == ["hidden.weight", "hidden.bias"])
    let mistaken = Activation.gelu(Tensor(integers: [1, 2]))
    #expect(fault(of: mistaken).contains("gelu: takes floating-point numbers"))
  }

  @Test func learnedSlopes() throws {
    let x = sample([4, 3]) * 2
    var one = try PReLU().initialized(for: x)
    #expect(try one.slope.tensor?.scalars() == [0.25])
    #expect(try one(x).scalars() == leakyRelu(x, slope: 0.25).scalars())
    one.slope = Parameter(Tensor([0.5], .float64))
    try expectGradient(of: one) { square($0(x)).sum() }
    let each = try PReLU(isShared: false, initialSlope: 0.1).initialized(for: x)
    #expect(each.slope.tensor?.shape == [3])
    try expectGradient(of: each) { square($0(x)).sum() }
    #expect(fault(of: each(sample([2, 4]))).hasPrefix("PReLU: was made for 3 features, found an input [2, 4]"))
    #expect(one(sample([2, 5])).shape == [2, 5])
  }
}
