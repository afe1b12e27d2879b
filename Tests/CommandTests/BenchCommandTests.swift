import Foundation
import Testing

@Suite struct BenchCommandTests {
  /// The workloads that take little time in a debug build; `scripts/bench-peers` runs them all.
  @Test(arguments: ["scalar", "logreg", "mlp", "lenet", "hvp", "caption", "moe"])
  func lossesEqualTheReference(workload: String) throws {
    let ending = try Run(program("descent"), ["bench", "--workload", workload, "--steps", "1", "--json"]).ending()
    #expect(ending.status == 0)
    let row = try JSONDecoder().decode(Row.self, from: Data(ending.output.utf8))
    let (first, twentieth) = try #require(Self.losses[workload])
    #expect(abs(row.loss_first / first - 1) < 1e-4)
    #expect(abs(row.loss_20 / twentieth - 1) < 1e-2)
    #expect(row.params == Self.parameters[workload])
  }

  @Test func anUnknownWorkloadIsRefused() throws {
    let ending = try Run(program("descent"), ["bench", "--workload", "gtp"]).ending()
    #expect(ending.status == 64)
    #expect(ending.errors.contains("there is no workload 'gtp'"))
  }

  private struct Row: Decodable {
    let loss_first: Double
    let loss_20: Double
    let params: Int
  }

  /// Computed in Float64 by PyTorch 2.13 from the same initial values, by the peers' `reference.py`.
  private static let losses: [String: (Double, Double)] = [
    "scalar": (0.5706197, 0.5119303), "logreg": (0.7155437, 0.675557), "mlp": (2.316023, 0.123512),
    "lenet": (2.281971, 2.22313), "hvp": (152.8472, 152.847), "caption": (6.909066, 5.58556),
    "moe": (0.3895762, 0.0189156),
  ]
  private static let parameters = [
    "scalar": 2, "logreg": 1_000_001, "mlp": 669_706, "lenet": 61_706, "hvp": 669_706, "caption": 905_512,
    "moe": 8_413_184,
  ]
}
