import Descent

/// The reader's network: from the pixels of a line to the symbols along it, by one or more branches.
///
/// `[batch, 32, width, 1]` becomes logits `[batch, branches, width / 4, 12]`. Each branch reads on its own, so that what one
/// is wrongly sure of, another need not be: a string's probability is the mean of those that the branches give it.
public struct ReaderNetwork: Layer {
  var branches: [ReaderBranch]

  init(_ branches: [ReaderBranch]) { self.branches = branches }

  /// A network of a number of branches of the given width: the number of filters of the first layer; later ones have more.
  public init(branches: Int = 1, filters: Int = 16, dropout: Double = 0.15) {
    self.init((0..<branches).map { _ in ReaderBranch(filters: filters, dropout: dropout) })
  }

  public func callAsFunction(_ lines: Tensor) -> Tensor { stacked(branches.map { $0(lines) }, axis: 1) }

  /// How far what the branches say is from `symbols`, `[batch, longest]`, −1 after the last: the mean over lines and
  /// branches of the negative logarithm of the symbols' probability.
  public static func loss(_ logits: Tensor, _ symbols: Tensor) -> Tensor {
    guard logits.error == nil, logits.rank == 4 else { return logits }
    let (branches, columns, classes) = (logits.shape[1], logits.shape[2], logits.shape[3])
    return ctcLoss(
      logits.reshaped([-1, columns, classes]), symbols.repeated(branches, axis: 0),
      blank: Symbol.blankClass)
  }
}
