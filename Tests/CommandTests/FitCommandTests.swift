import Foundation
import TestSupport
import Testing

/// What `descent fit` prints, and what it says of requests and files that make no sense.
@Suite(.timeLimit(.minutes(5))) struct FitCommandTests {
  /// NIST's problem Misra1a, from the start that is farther away.
  private static let misra = """
    y,x
    10.07,77.6
    14.73,114.9
    17.94,141.1
    23.93,190.8
    29.61,239.9
    35.18,289.0
    40.02,332.8
    44.82,378.4
    50.76,434.8
    55.05,477.3
    61.01,536.8
    66.40,593.1
    75.47,689.1
    81.78,760.0

    """

  private func written(_ text: String, to name: String = "data.csv", in folder: String) throws -> String {
    let path = folder + "/" + name
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    return path
  }

  private func fitted(_ arguments: [String]) throws -> Ending {
    try Run(program("descent"), ["fit"] + arguments).ending()
  }

  private struct Report: Decodable {
    struct Parameter: Decodable {
      var value: Double
      var standardError: Double?
    }
    var parameters: [String: Parameter]
    var residualSumOfSquares: Double
    var degreesOfFreedom: Int
    var iterations: Int
    var stopped: String
  }

  private func report(_ ending: Ending) throws -> Report {
    try JSONDecoder().decode(Report.self, from: Data(ending.output.utf8))
  }

  private func digits(_ found: Double?, _ wanted: Double) -> Double {
    guard let found else { return 0 }
    return found == wanted ? 16 : -log10(abs(found - wanted) / abs(wanted))
  }

  @Test func aFileOfValues() throws {
    try withTemporaryFolder { folder in
      let path = try written(Self.misra, in: folder)
      let request = ["b1*(1-exp(-b2*x))", "--data", path, "--x", "x", "--y", "y", "--at", "b1=500,b2=1e-4"]
      let found = try report(fitted(request + ["--json"]))
      #expect(digits(found.parameters["b1"]?.value, 2.3894212918E+02) >= 9)
      #expect(digits(found.parameters["b2"]?.value, 5.5015643181E-04) >= 9)
      #expect(digits(found.parameters["b1"]?.standardError, 2.7070075241E+00) >= 9)
      #expect(digits(found.parameters["b2"]?.standardError, 7.2668688436E-06) >= 9)
      #expect(digits(found.residualSumOfSquares, 1.2455138894E-01) >= 9)
      #expect(found.degreesOfFreedom == 12 && found.iterations > 0 && !found.stopped.isEmpty)
      let text = try fitted(request)
      #expect(text.status == 0 && text.output.hasPrefix("b1           238.9421292      ± 2.707"), "\(text.output)")
      #expect(text.output.contains("\nb2 ") && text.output.contains("\nR²           0.99"), "\(text.output)")
      let picture = folder + "/fit.svg"
      #expect(try fitted(request + ["--svg", picture]).status == 0)
      let svg = try String(contentsOfFile: picture, encoding: .utf8)
      #expect(svg.contains("Residuals") && svg.contains("y = b1*(1-exp(-b2*x))"))
      for method in ["dogleg", "gauss-newton"] {
        let other = try report(fitted(request + ["--json", "--by", method]))
        #expect(digits(other.parameters["b1"]?.value, 2.3894212918E+02) >= 9, "\(method)")
      }
    }
  }

  /// Spaces between words, comments, names in a comment, places as names, and other separators give the same numbers.
  @Test func formsOfFiles() throws {
    let forms = [
      "# some remark\n# x y\n 0  1.1\n1 2.9 # the second\n\n  2\t5.2\n% another\n3 6.8\n",
      "x;y\n0;1,1\n1;2,9\n2;5,2\n3;6,8\n", "\"x\",\"y\"\r\n0,1.1\r\n1,2.9\r\n2,5.2\r\n3,6.8\r\n",
      "x\ty\tnote\n0\t1.1\ta\n1\t2.9\tb\n2\t5.2\tc\n3\t6.8\td\n", "# x,y\n0,1.1\n1,2.9\n2,5.2\n3,6.8\n",
    ]
    try withTemporaryFolder { folder in
      for form in forms {
        let path = try written(form, in: folder)
        let found = try fitted(["a*x+b", "--data", path, "--x", "x", "--y", "y", "--at", "a=0,b=0", "--json"])
        #expect(abs((try report(found).parameters["a"]?.value ?? 0) - 1.94) < 1e-12, "\(form)\(found.errors)")
      }
      let bare = try written("0 1.1\n1 2.9\n2 5.2\n3 6.8\n", in: folder)
      let found = try report(fitted(["a*t+b", "--data", bare, "--x", "t=1", "--y", "2", "--at", "a=0,b=0", "--json"]))
      #expect(abs((found.parameters["a"]?.value ?? 0) - 1.94) < 1e-12)
    }
  }

  @Test func severalPredictors() throws {
    try withTemporaryFolder { folder in
      let rows = (0..<12).map { row -> String in
        let (x1, x2) = (Double(row % 4), Double(row / 4))
        return "\(exp(2 + 3 * x1 - x2)),\(x1),\(x2),\(row == 5 ? 0 : 1)"
      }
      let path = try written("z,x1,x2,w\n" + rows.joined(separator: "\n") + "\n", in: folder)
      let ending = try fitted([
        "a + b*x1 + c*x2", "--data", path, "--x", "x1,x2", "--y", "log(z)", "--at", "a=0,b=0,c=0", "--weights", "w",
        "--json", "--svg", folder + "/fit.svg",
      ])
      let found = try report(ending)
      for (name, wanted) in [("a", 2.0), ("b", 3.0), ("c", -1.0)] {
        #expect(abs((found.parameters[name]?.value ?? 0) - wanted) < 1e-12, "\(name)")
      }
      #expect(found.degreesOfFreedom == 8)
      #expect(try String(contentsOfFile: folder + "/fit.svg", encoding: .utf8).contains("observed"))
    }
  }

  /// An outlier pulls less with a robust loss, and a bound holds.
  @Test func lossesAndBounds() throws {
    try withTemporaryFolder { folder in
      let path = try written("x,y\n0,20\n1,3\n2,5\n3,7\n4,9\n5,11\n", in: folder)
      let request = ["a*x+b", "--data", path, "--x", "x", "--y", "y", "--at", "a=1,b=1", "--json"]
      func slope(_ more: String...) throws -> Double {
        try report(fitted(request + more)).parameters["a"]?.value ?? .nan
      }
      #expect(try abs(slope("--loss", "huber", "--scale", "0.1") - 2) < 0.1)
      #expect(try abs(slope("--loss", "soft-l1", "--scale", "0.1") - 2) < 0.1)
      #expect(try abs(slope() - 2) > 1)
      #expect(try slope("--within", "a=0..0.25,b=0..") <= 0.25)
    }
  }

  @Test func mistakes() throws {
    try withTemporaryFolder { folder in
      let path = try written("x,y,word\n0,1,a\n1,3,b\n2,5,c\n", in: folder)
      func told(
        _ words: String, _ expression: String = "a*x+b", data: String? = nil, x: String = "x", y: String = "y",
        at: String = "a=1,b=1", and more: [String] = [], location: SourceLocation = #_sourceLocation
      ) throws {
        let ending = try fitted([expression, "--data", data ?? path, "--x", x, "--y", y, "--at", at] + more)
        #expect(ending.status == 1 && ending.output.isEmpty, sourceLocation: location)
        #expect(
          ending.errors.contains("Error: ") && ending.errors.contains(words), "\(ending.errors)",
          sourceLocation: location)
      }
      try told("data.csv has no column 'z'; it has x, y, word", y: "z")
      try told("did you mean 'word'?", y: "wort")
      try told("the column word holds 'a' in row 1, which is not a number", y: "word")
      try told("'c' is not known; say --at c=1 for a parameter, or --x c for a column, at column 7", "a*x+b*c")
      try told("--at gives 'c', which is not in the expression; it has a, x, b", at: "a=1,b=1,c=1")
      try told("--x gives 'y', which is not in the expression", x: "x,y", y: "y")
      try told("'x' is given by --x and by --at", at: "a=1,b=1,x=2")
      try told("--x gives 'x' twice", x: "x,x")
      try told("--at a=one: 'one' is not a finite number", at: "a=one")
      try told("say NAME=COLUMN", x: "1")
      try told("an operator is missing before 'b'", "a*x b")
      try told("3 rows, where 4 parameters need at least as many", "a*x+b+c*x^2+d*x^3", at: "a=1,b=1,c=1,d=1")
      try told("--within q: there is no such value; there are a, b", and: ["--within", "q=0..1"])
      try told("lies above", and: ["--within", "a=2..1"])
      try told("say NAME=FROM..TO", and: ["--within", "a=2"])
      try told("the sum of squares is nan at the start", "a*log(x-9)+b")
      try told("do not depend on the parameters", "0*a*x+0*b")
      try told("no such file", data: folder + "/none.csv")
      try told("is a directory", and: ["--svg", folder])
      for (text, words) in [
        ("", "is empty"), ("# only a comment\n", "holds no rows"),
        ("x,y\n0,1\n1\n", "line 3 ends after 1 of 2 fields"),
        ("x,y\n0,1\n1,\n2,3\n", "the column y has no number in row 2"),
        ("x,y\n0,1\n1,inf\n2,3\n", "the column y has an infinite number in row 2"),
        ("x y\n0 1\n1 2 3\n", "line 3 goes on after the 2 fields of a row"),
      ] {
        let odd = try written(text, to: "odd.csv", in: folder)
        try told(words, data: odd)
      }
      let late = try fitted([
        "a*x^b", "--data", path, "--x", "x", "--y", "y", "--at", "a=100,b=9", "--iterations", "1",
      ])
      #expect(late.status == 1 && late.errors.contains("the fit has not converged: the most iterations are done"))
      for arguments in [
        ["--by", "none"], ["--loss", "none"], ["--scale", "1"], ["--loss", "huber", "--scale", "-1"],
        ["--iterations", "-1"],
      ] {
        let request = ["a*x+b", "--data", path, "--x", "x", "--y", "y", "--at", "a=1,b=1"] + arguments
        #expect(try fitted(request).status == 64, "\(arguments)")
      }
    }
  }
}
