import Descent

/// A rule with the values that are tried of the setting that matters most.
struct Contestant: Sendable {
  let name: String
  /// What is tuned: a learning rate, or the first damping of K-FAC.
  let setting: String
  let tried: [Double]
  let rule: @Sendable (Double) -> any Optimizer

  static let all = [
    Contestant(name: "SGD with momentum", setting: "rate", tried: [0.03, 0.1, 0.3]) {
      SGD(learningRate: .constant($0), momentum: 0.9)
    },
    Contestant(name: "AdamW", setting: "rate", tried: [1e-3, 3e-3, 1e-2]) { AdamW(learningRate: .constant($0)) },
    Contestant(name: "Muon", setting: "rate", tried: [0.01, 0.03, 0.1]) {
      Muon(learningRate: .constant($0), others: AdamW(learningRate: 3e-3))
    },
    Contestant(name: "Shampoo", setting: "rate", tried: [1e-3, 3e-3, 1e-2]) { Shampoo(learningRate: .constant($0)) },
    Contestant(name: "SOAP", setting: "rate", tried: [1e-3, 3e-3, 1e-2]) { SOAP(learningRate: .constant($0)) },
    Contestant(name: "K-FAC", setting: "damping", tried: [0.03, 0.1, 0.3]) { KFAC(damping: $0) },
    Contestant(name: "Sophia", setting: "rate", tried: [1e-3, 3e-3, 1e-2]) {
      Sophia(learningRate: .constant($0), scale: 0.05, estimate: .gaussNewtonBartlett)
    },
  ]
}
