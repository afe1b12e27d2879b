import DescentTensors
import Foundation
import Testing

/// A mistake is told by the name of the function that the user called, whatever that function is made of.
@Suite("function names in errors")
struct FunctionNameTests {
  @Test func areThoseThatWereCalled() {
    for (number, call) in MistakenCalls().all.enumerated() {
      #expect(
        call.result.error?.operation == call.name,
        "call \(number): \(call.name) says \(call.result.error.map { "\($0)" } ?? "nothing")")
    }
  }

  /// Functions that take whatever they are given, or that hand on what a user's own function throws.
  private static let others: Set<String> = [
    "barrier", "converted", "logicalNot", "relu", "evaluate", "named", "stopGradient", "compiled", "compiledUpdate",
    "branch",
    "checkpointed", "collectingReports", "withPrecision",
    "cond", "customGradient", "gradient", "hessian", "hessianBlocks", "hessianVectorProduct", "jacobian",
    "gaussNewtonProduct", "fisherProduct", "hessianTrace", "hessianDiagonal", "hessianEigenpairs", "hessianSpectrum",
    "jacobianVectorProduct", "linearize", "pullback", "scan", "training", "valueAndGradient",
    "valueAndGradientWithAuxiliary", "vectorJacobianProduct", "vectorized", "whileLoop", "array", "booleans", "encode",
    "floats", "integers", "item", "scalars", "init", "-",
  ]

  /// No function is left out: the list of public declarations names each.
  @Test func areTestedForEveryFunction() throws {
    let list = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../Documentation/PublicAPI.txt")
    let called = Set(MistakenCalls().all.map(\.name))
    var count = 0
    for line in try String(contentsOf: list, encoding: .utf8).split(separator: "\n") {
      let fields = line.split(separator: "\t")
      guard fields.count == 3, fields[0] == "Tensors", fields[2].contains("func ") || fields[1].contains("subscript")
      else { continue }
      let path = fields[1].split(separator: "(")[0]
      let isOwn = path.hasPrefix("Tensor.") || path.hasPrefix("RandomKey.")
      // An operator of tensors has a dot of its own: `Tensor..<`.
      let name = isOwn ? String(path.drop { $0 != "." }.dropFirst()) : String(path)
      guard isOwn || !path.contains(".") else { continue }
      count += 1
      #expect(called.contains(name) || Self.others.contains(name), "\(fields[1])")
    }
    #expect(count > 300)
  }

  /// What an operand carries keeps its name and its place.
  @Test func ofOperandsStay() {
    let wrong = Tensor([1, 2, 3]) + Tensor([1, 2])
    #expect(softmax(matmul(wrong, wrong)).error?.operation == "+")
    #expect(softmax(matmul(wrong, wrong)).error?.description == wrong.error?.description)
    #expect(Tensor([1.0]).checkpointed { _ in wrong }.error?.operation == "+")
  }

  /// Other threads' mistakes are not taken for a call's own.
  @Test func ofOtherThreadsStay() async {
    await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<8 {
        group.addTask {
          (0..<200).allSatisfy { _ in
            softmax(Tensor(1.0)).error?.operation == "softmax"
              && softmax(Tensor([1.0]) + Tensor([1, 2, 3]).reshaped([2])).error?.operation == "reshaped"
          }
        }
      }
      for await isRight in group { #expect(isRight) }
    }
  }
}
