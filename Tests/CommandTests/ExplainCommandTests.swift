import Descent
import Foundation
import TestSupport
import Testing

@testable import DescentCLI

/// What `descent explain` prints, and what it says of requests that make no sense.
@Suite(.timeLimit(.minutes(5))) struct ExplainCommandTests {
  private func explained(_ arguments: String...) throws -> Ending {
    try Run(program("descent"), ["explain"] + arguments).ending()
  }

  @Test func expression() throws {
    let ending = try explained("sigmoid(w2*sigmoid(w1*x))", "--at", "x=0.5,w1=0.8,w2=-1.2")
    #expect(ending.status == 0 && ending.output.hasPrefix("o = g(w2·f(w1·x)) = 0.32774\n"))
    #expect(ending.output.contains("do/dw1 = g'·w2·f'·x = 0.220326·(-1.2)·0.240261·0.5 = -0.0317614774980290"))
    #expect(!ending.output.contains("\u{1B}"), "no color where there is no terminal")
    let own = try explained(
      "p(k(x*w1)*w2)", "--define", "k=tanh", "--define", "p=sigmoid", "--at", "x=0.5,w1=.8,w2=-12e-1")
    #expect(own.output.hasPrefix("o = p(k(x·w1)·w2) = 0.38795\n") && own.output.contains("do/dw1 = p'·w2·k'·x = "))
    let precedence = try explained("--at", "x=4", "--", "-x^2^0.5 - 2*-x/4 + (x)")
    #expect(precedence.output.hasPrefix("o = -x^1.4142135623730951 - 2·(-x) / 4 + x = "), "\(precedence.output)")
    let json = try explained("x*w", "--at", "x=3", "--at", "w=2", "--json")
    let object = try #require(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
    #expect((object["derivatives"] as? [[String: Any]])?.count == 2)
  }

  /// Every function that expressions can call, against central differences; none stops on the way.
  @Test func everyFunction() throws {
    let inside = ["acosh": [1.5], "floorDivide": [2.5, 0.7], "remainder": [2.5, 0.7], "fmod": [2.5, 0.7]]
    for function in ExpressionFunction.all.values.sorted(by: { $0.name < $1.name }) {
      let point = inside[function.name] ?? Array([0.4, 1.3].prefix(function.arity))
      let names = ["x", "y"].prefix(function.arity)
      let text = "\(function.name)(\(names.joined(separator: ", ")))"
      let problem = try ExpressionProblem(text, at: zip(names, point).map { "\($0)=\($1)" }, define: [])
      let explanation = try problem.explanation()
      #expect(problem.fault(of: explanation) == nil, "\(text)")
      #expect(explanation.derivatives.map(\.name) == Array(names), "\(text)")
      func value(moving index: Int, by step: Double) throws -> Double {
        var moved = point
        moved[index] += step
        return try function.apply(moved.map { Tensor($0, .float64) }).item()
      }
      for (index, derivative) in explanation.derivatives.enumerated() {
        let wanted = try (value(moving: index, by: 1e-6) - value(moving: index, by: -1e-6)) / 2e-6
        let found = try #require(derivative.value.number)
        #expect(abs(found - wanted) < 1e-7 * max(1, abs(wanted)), "\(text) in \(names[index]): \(found), \(wanted)")
      }
    }
    // With numbers in the place of arguments, which are not what the formulas stop at.
    for text in ["logAddExp(x, 2)", "hypot(3, x)", "acosh(x+1)", "1/(1+exp(-2000*x))", "sinh(1000*x)/1e150"] {
      let ending = try explained(text, "--at", "x=0.5")
      #expect(ending.status == 0 && ending.errors.isEmpty, "\(text): \(ending.errors)")
    }
    let two = try explained("gelu(x) + asinh(x)", "--at", "x=0.5")
    #expect(two.status == 0 && two.output.contains("do/dx = "), "\(two.output)\(two.errors)")
  }

  /// Functions that are composed of others are one node, which can be opened.
  @Test(arguments: ["relu", "gelu", "silu", "softplus", "acosh"]) func functionsByName(name: String) throws {
    let whole = try explained("\(name)(w*x)", "--at", "x=0.5,w=3")
    #expect(whole.output.hasPrefix("o = f(w·x) = "), "\(whole.output)")
    #expect(whole.output.contains("with f = \(name)\n") && whole.output.contains("do/dw = f'·x = "))
    let open = try explained("\(name)(w*x)", "--at", "x=0.5,w=3", "--open", name)
    #expect(!open.output.contains("f = \(name)"), "\(open.output)")
    func last(_ ending: Ending) -> Substring? { ending.output.split(separator: "=").last }
    #expect(last(open) == last(whole))
    // Functions within it are opened too.
    let all = try explained("\(name)(w*x)", "--at", "x=0.5,w=3", "--open", "all")
    #expect(last(all) == last(whole) && !all.output.contains("relu"))
  }

  @Test func constants() throws {
    let circle = try explained("pi*r^2 + e", "--at", "r=2")
    #expect(circle.output.hasPrefix("o = pi·r^2 + e = 15.2847\n"), "\(circle.output)")
    let own = try explained("pi*e", "--at", "e=2", "--steps", "1", "--rate", "0.1")
    #expect(own.output.hasPrefix("o = pi·e = 6.28319\n") && own.output.contains("do/de = pi"), "\(own.output)")
  }

  /// What the README shows is what the command prints, but for the lines that it leaves out.
  @Test func theReadme() throws {
    let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("README.md")
    let lines = try String(contentsOf: page, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false)
    let command = "    $ descent explain "
    let starts = lines.indices.filter { lines[$0].hasPrefix(command) }
    #expect(starts.count == 3)
    for start in starts {
      let words = lines[start].dropFirst(command.count).split(separator: " ").map { $0.filter { $0 != "\"" } }
      let printed = try Run(program("descent"), ["explain"] + words).ending().output.split(separator: "\n")
      var place = 0
      for line in lines[(start + 1)...].prefix(while: { !$0.isEmpty }).map({ $0.dropFirst(4) }) where line != "…" {
        let found = printed[place...].firstIndex(of: line)
        place = try #require(
          found, "README, line \(start + 1): '\(line)' is not in\n\(printed.joined(separator: "\n"))")
      }
    }
  }

  @Test func path() throws {
    let down = try explained("(x-1)^2", "--at", "x=3", "--steps", "40", "--rate", "0.1")
    #expect(down.status == 0 && down.output.contains("  40  "))
    #expect(down.output.contains(" ┤•") && down.output.contains("step\n"))
    let up = try explained(
      "--at", "x=3,w=1", "--steps", "3", "--rate", "0.25", "--ascend", "--json", "--", "-(x-1)^2 + w*0")
    let object = try #require(try JSONSerialization.jsonObject(with: Data(up.output.utf8)) as? [String: Any])
    let points = try #require(object["path"] as? [[String: Any]])
    #expect(points.compactMap { ($0["at"] as? [String: Double])?["x"] } == [3, 2, 1.5, 1.25])
    let held = try explained("x*w", "--at", "x=3,w=1", "--steps", "1", "--rate", "1", "--hold", "x", "--json")
    #expect(held.output.contains("\"w\" : -2"))
    let away = try explained("x^4", "--at", "x=3", "--steps", "50", "--rate", "1")
    #expect(away.status == 1 && away.errors.hasSuffix("not finite any more; a smaller --rate may help\n"))
  }

  @Test func mistakes() throws {
    func told(_ lines: String, _ arguments: String..., location: SourceLocation = #_sourceLocation) throws {
      let ending = try Run(program("descent"), ["explain"] + arguments).ending()
      #expect(ending.status == 1, sourceLocation: location)
      #expect(ending.errors.hasSuffix("Error: \(lines)\n"), "\(ending.errors)", sourceLocation: location)
    }
    try told(
      "a value is missing before ')', at column 12\n  sigmoid(w2*)\n             ^", "sigmoid(w2*)", "--at", "w2=1")
    try told("the expression is empty, at column 1\n  \n  ^", "", "--at", "x=1")
    try told("the expression ends where a value is missing, at column 4\n  x +\n     ^", "x +", "--at", "x=1")
    try told("this '(' has no ')', at column 1\n  (x+1\n  ^", "(x+1", "--at", "x=1")
    try told("there is a ')' without its '(', at column 2\n  x)\n   ^", "x)", "--at", "x=1")
    try told("an operator is missing before '2', at column 3\n  x 2\n    ^", "x 2", "--at", "x=1")
    try told("a power is written ^, not **, at column 3\n  x**2\n    ^", "x**2", "--at", "x=1")
    try told("'1.2.3' is not a number, at column 3\n  x*1.2.3\n    ^", "x*1.2.3", "--at", "x=1")
    try told("'.' is not a number, at column 3\n  x*.\n    ^", "x*.", "--at", "x=1")
    try told("a power is written ^, not ², at column 2\n  x²\n   ^", "x²", "--at", "x=1")
    try told("--define gives 'f' twice", "f(x)", "--define", "f=sin,f=cos", "--at", "x=1")
    let sums = String(repeating: "x+", count: 200)
    let around = String(repeating: "x+", count: 19)
    let caret = String(repeating: " ", count: 2 + 1 + around.count) + "^"
    try told(
      "a value is missing before '$', at column 401\n  …\(around)$\(around.dropLast())…\n\(caret)", sums + "$" + sums,
      "--at", "x=1")
    try told("'1e999' is larger than any Float64, at column 3\n  x*1e999\n    ^", "x*1e999", "--at", "x=1")
    try told("a value is missing before '$', at column 3\n  x*$\n    ^", "x*$", "--at", "x=1")
    try told("'max' takes 2 arguments, not 1, at column 1\n  max(x)\n  ^", "max(x)", "--at", "x=1")
    try told("'tanh' takes 1 argument, not 0, at column 3\n  x*tanh()\n    ^", "x*tanh()", "--at", "x=1")
    try told(
      "the function 'tanh' needs its arguments in brackets, at column 1\n  tanh x\n  ^", "tanh x", "--at", "x=1")
    try told("'w' has no value; say --at w=0.5, at column 3\n  x*w\n    ^", "x*w", "--at", "x=1")
    try told("the expression has no 'z'; it has x", "x", "--at", "x=1,z=2")
    try told("--at x=abc: 'abc' is not a finite number", "x", "--at", "x=abc")
    try told("--at x: say NAME=NUMBER, such as x=0.5", "x", "--at", "x")
    try told("--at gives 'x' twice", "x", "--at", "x=1,x=2")
    try told("the expression has no names, so that there is nothing to differentiate with respect to", "1+1")
    try told("o = f(x) is not a number at x = -1", "log(x)", "--at", "x=-1")
    try told("o = 1 / z1 is infinite at z1 = 0: a division by zero", "1/(x-x)", "--at", "x=2")
    try told("o = f(x) is not a number at x = 0.5", "acosh(x)", "--at", "x=0.5")
    try told(
      "z7 = where(z6, NaN, z5) is not a number at z6 = 1, z5 = -0.5", "acosh(x)", "--at", "x=0.5", "--open", "acosh")
    try told(
      "there is no function 'sigmod'; did you mean 'sigmoid'? at column 3\n  2*sigmod(x)\n    ^", "2*sigmod(x)", "--at",
      "x=1")
    try told("--define f=tahn: there is no function 'tahn'; did you mean 'tanh'?", "f(x)", "--define", "f=tahn")
    try told("--open ReLU: there is no function 'ReLU'; did you mean 'relu'?", "relu(x)", "--open", "ReLU")
    try told("the derivative in x is infinite here", "sqrt(x)", "--at", "x=0")
    try told(
      "--hold y: there is no such value; there are x", "x", "--at", "x=1", "--steps", "1", "--rate", "1", "--hold", "y")
    try told(
      "--hold keeps every value where it is, so that nothing moves", "x", "--at", "x=1", "--steps", "1", "--rate", "1",
      "--hold", "x")
    try withTemporaryFolder { folder in
      try told("\(folder): is a directory, not a file", "x", "--at", "x=1", "--svg", folder)
    }
    let deep = String(repeating: "(", count: 300) + "x"
    let nested = try explained(deep, "--at", "x=1")
    #expect(nested.status == 1 && nested.errors.contains("nested too deeply"))
    let long = try explained(String(repeating: "x+", count: 4_000) + "x", "--at", "x=1")
    #expect(long.status == 0 && long.output.contains(" = 4001\n"), "\(long.status) \(long.errors)")
    let longer = try explained(String(repeating: "x*", count: 60_000) + "x", "--at", "x=1")
    #expect(longer.status == 1 && longer.errors.contains("more than 4000 operations, at column"))
    let unknown = try explained("foo(x)", "--at", "x=1")
    #expect(unknown.status == 1 && unknown.errors.contains("there is no function 'foo'; there are abs, "))
    for arguments in [[], ["x", "--model", "lenet"], ["--model", "none", "--passes"], ["x", "--steps", "3"]] {
      #expect(try Run(program("descent"), ["explain"] + arguments).ending().status == 64, "\(arguments)")
    }
  }

  @Test func passes() throws {
    let ending = try explained("--model", "lenet", "--passes")
    #expect(ending.status == 0 && ending.output.hasPrefix("lenet, one training step: "))
    for layer in ["convolution1 forward", "output backward", "hidden2 update"] {
      #expect(ending.output.contains(layer))
    }
  }
}
