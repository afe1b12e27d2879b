/// What is generated, piece by piece, as it is made.
///
/// It begins when the first piece is asked for, computes where it is awaited, and stops where its task is canceled. Each walk
/// through it begins anew, and gives the same.
public struct TokenStream<Element: Sendable>: AsyncSequence, Sendable {
  private let begin: @Sendable () throws -> () throws -> Element?

  init(_ begin: @escaping @Sendable () throws -> () throws -> Element?) { self.begin = begin }

  /// Gives one piece after the other.
  public struct Iterator: AsyncIteratorProtocol {
    fileprivate let begin: @Sendable () throws -> () throws -> Element?
    private var following: (() throws -> Element?)?

    fileprivate init(begin: @escaping @Sendable () throws -> () throws -> Element?) { self.begin = begin }

    /// The next piece, `nil` at the end.
    ///
    /// - Throws: what generating throws; `CancellationError` where the task was canceled.
    public mutating func next() async throws -> Element? {
      try Task.checkCancellation()
      let next = try following ?? begin()
      following = next
      return try next()
    }
  }

  public func makeAsyncIterator() -> Iterator { Iterator(begin: begin) }
}
