import DescentGraph

extension Operation {
  /// What formulas call one of several results: `q` of `qr(x)`, as in the function that users call; otherwise its number,
  /// from 0 as in a tuple.
  func resultName(_ result: Int, of count: Int) -> String {
    let names: [String] =
      switch self {
      case is LU: ["factors", "pivots", "order"]
      case is QR: ["q", "r"]
      case is Eigh: ["values", "vectors"]
      case is SVD: ["u", "s", "vt"]
      case is FFT: ["real", "imaginary"]
      case is TopK: ["values", "indices"]
      case is Sort: Self.numbered("values", count - 1) + ["order"]
      case let scan as Scan:
        Self.numbered("state", scan.carryCount) + Self.numbered("outputs", count - scan.carryCount)
      default: []
      }
    return names.indices.contains(result) ? names[result] : String(result)
  }

  private static func numbered(_ name: String, _ count: Int) -> [String] {
    count == 1 ? [name] : (0..<max(0, count)).map { "\(name)\($0 + 1)" }
  }
}
