import ArgumentParser
import CNative
import Foundation

/// Measures how far the Float32 functions of one number are from their true values.
struct AccuracyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "accuracy",
    abstract: "Measures the largest error of each Float32 function over its inputs, in units in the last place.",
    discussion: """
      The inputs are all 2³² bit patterns, or every so many of them. The environment's DESCENT_INSTRUCTION_SET chooses \
      the kernels (baseline, avx2 or avx512). Ends with an error where a function is further off than it may be.
      """)

  @Option(help: "The stride through the bit patterns; 1 tries all, which takes about a minute per function.")
  var step: UInt32 = 4099

  @Option(help: "A function, by its name in the table; all if none is given.")
  var function: String?

  func validate() throws {
    guard step > 0 else { throw ValidationError("the step must be positive") }
    if let function, !AccuracyFunction.all.contains(where: { $0.name == function }) {
      let names = AccuracyFunction.all.map(\.name).joined(separator: ", ")
      throw ValidationError("there is no function '\(function)'; there are \(names)")
    }
  }

  func run() throws {
    let inputs = step == 1 ? "all 2³² inputs" : "every \(step)th of 2³² inputs"
    print("Largest error in units in the last place of Float32, \(String(cString: dn_instruction_set())), \(inputs)\n")
    print("| function | error | at |\n| --- | ---: | --- |")
    var tooFar: [String] = []
    for function in AccuracyFunction.all where self.function == nil || self.function == function.name {
      let measured = try AccuracyMeasurement(of: function, step: step)
      print(String(format: "| %@ | %.3f | %@ |", function.name, measured.error, "\(measured.input)"))
      if !(measured.error <= function.limit) {
        tooFar.append(String(format: "%@ is off by %.3f, may be by %g", function.name, measured.error, function.limit))
      }
      // Seen at once where the output goes to a file, too: a full run takes long.
      fflush(nil)
    }
    guard tooFar.isEmpty else { throw AccuracyError(description: tooFar.joined(separator: "; ")) }
  }
}

/// Functions that are further off than they may be.
private struct AccuracyError: Error, CustomStringConvertible {
  let description: String
}
