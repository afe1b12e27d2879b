/// How often each run of tokens occurs in a sequence.
struct NGrams<Token: Hashable> {
  /// The counts of runs of one length.
  let counts: [ArraySlice<Token>: Int]

  init(_ tokens: [Token], length: Int) {
    guard length > 0, tokens.count >= length else {
      counts = [:]
      return
    }
    counts = Dictionary((0...(tokens.count - length)).map { (tokens[$0..<$0 + length], 1) }, uniquingKeysWith: +)
  }
}
