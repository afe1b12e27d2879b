import Foundation
import TestSupport
import Testing

@testable import DescentCLI

/// What `descent minimize` prints, and what it says of requests that make no sense.
@Suite(.timeLimit(.minutes(5))) struct MinimizeCommandTests {
  private static let valley = "(1-x)^2 + 100*(y-x^2)^2"

  private func found(_ arguments: String...) throws -> Ending {
    try Run(program("descent"), ["minimize"] + arguments).ending()
  }

  private struct Report: Decodable {
    var at: [String: Double]
    var value: Double
    var iterations: Int
    var isConverged: Bool
    var by: String
  }

  @Test func theValley() throws {
    let text = try found(Self.valley, "--at", "x=-1.2,y=1")
    #expect(text.status == 0 && text.output.hasPrefix("x            "), "\(text.output)\(text.errors)")
    for line in ["\nvalue ", "\ngradient ", "\nmethod       L-BFGS", "\nstopped      the gradient is zero"] {
      #expect(text.output.contains(line), "\(line)\n\(text.output)")
    }
    let data = Data(try found(Self.valley, "--at", "x=-1.2,y=1", "--by", "trust-region", "--json").output.utf8)
    let report = try JSONDecoder().decode(Report.self, from: data)
    #expect(abs((report.at["x"] ?? 0) - 1) < 1e-7 && report.value < 1e-12 && report.isConverged)
  }

  @Test func byAllMethods() throws {
    try withTemporaryFolder { folder in
      let picture = folder + "/valley.svg"
      let table = try found(Self.valley, "--at", "x=-1.2,y=1", "--by", "all", "--svg", picture)
      let lines = table.output.split(separator: "\n")
      #expect(table.status == 0 && lines.count == 1 + MinimizeMethods.fitting(2).count, "\(table.output)")
      #expect(lines[0].hasPrefix("method") && lines[0].contains("Hessian products"))
      let svg = try String(contentsOfFile: picture, encoding: .utf8)
      for method in MinimizeMethods.fitting(2) { #expect(svg.contains(method.name), "\(method.name)") }
      let list = try found("(x-1)^2 + 3*abs(x)", "--at", "x=2", "--by", "all", "--json")
      let reports = try #require(try JSONSerialization.jsonObject(with: Data(list.output.utf8)) as? [[String: Any]])
      #expect(reports.count == MinimizeMethods.all.count)
      #expect(reports.contains { $0["by"] as? String == "brent" })
    }
  }

  @Test func theHighestPoint() throws {
    let up = try found("--at", "x=3", "--maximize", "--json", "--", "5-(x-2)^2")
    let highest = try JSONDecoder().decode(Report.self, from: Data(up.output.utf8))
    #expect(abs(highest.value - 5) < 1e-12 && abs((highest.at["x"] ?? 0) - 2) < 1e-7)
  }

  /// Within a box, by every method.
  @Test func boundsAreKept() throws {
    let table = try found(Self.valley, "--at", "x=-1.2,y=1", "--within", "x=..0.5", "--by", "all", "--json")
    let list = try JSONDecoder().decode([Report].self, from: Data(table.output.utf8))
    for report in list where report.isConverged && report.by != "gradient-descent-armijo" {
      #expect(abs((report.at["x"] ?? 0) - 0.5) < 1e-4 && abs(report.value - 0.25) < 1e-4, "\(report)")
    }
    #expect(list.filter(\.isConverged).count >= 6, "\(list)")
    for (within, words) in [
      ("z=0..1", "--within z: there is no such value; there are x, y"), ("x=2..1", "2 lies above 1"),
    ] {
      let refused = try found(Self.valley, "--at", "x=-1.2,y=1", "--within", within)
      #expect(refused.status == 1 && refused.errors.contains(words), "\(refused.errors)")
    }
  }

  /// One number has a curve, more than two have their values.
  @Test func pictures() throws {
    try withTemporaryFolder { folder in
      let picture = folder + "/way.svg"
      for (text, at, words) in [
        ("(x-1)^2", "x=3", "lbfgs"), ("x^2+y^2+(z-1)^2", "x=1,y=2,z=3", "iteration"),
      ] {
        let ending = try found(text, "--at", at, "--svg", picture)
        #expect(ending.status == 0, "\(ending.errors)")
        #expect(try String(contentsOfFile: picture, encoding: .utf8).contains(words))
      }
    }
  }

  @Test func mistakes() throws {
    func told(_ words: String, _ arguments: String..., location: SourceLocation = #_sourceLocation) throws {
      let ending = try Run(program("descent"), ["minimize"] + arguments).ending()
      #expect(ending.status == 1, sourceLocation: location)
      #expect(
        ending.errors.contains("Error: ") && ending.errors.contains(words), "\(ending.errors)",
        sourceLocation: location)
    }
    try told("'y' has no value; say --at y=0.5, at column 3", "x*y", "--at", "x=1")
    try told("the expression has no 'z'; it has x", "x^2", "--at", "x=1,z=2")
    try told("a value is missing", "x^", "--at", "x=1")
    try told("at the start", "log(x)", "--at", "x=-1")
    try told("the search has not converged: the most iterations are done", "x^4", "--at", "x=9", "--iterations", "1")
    for arguments in [["--by", "none"], ["--gradient", "-1"], ["--iterations", "-1"]] {
      let ending = try Run(program("descent"), ["minimize", "x^2", "--at", "x=1"] + arguments).ending()
      #expect(ending.status == 64, "\(arguments)")
    }
    let unknown = try found("x^2", "--at", "x=1", "--by", "lbgfs")
    #expect(unknown.errors.contains("did you mean 'lbfgs'?"))
  }
}
