import Descent

/// How a reader is trained: how large its network is, on how many letters, how fast.
public struct ReaderRecipe: Sendable {
  /// The number of filters of the network's first layer.
  public var filters: Int
  /// The number of letters in an epoch.
  public var lettersPerEpoch: Int
  /// The number of epochs.
  public var epochs: Int
  /// The number of epochs that a letter serves for before a new one takes its place.
  public var uses: Int
  /// The number of letters in a step.
  public var batchSize = 64
  /// The highest learning rate, reached after three tenths of the steps.
  public var learningRate = 1e-2
  /// The number of letters that the threshold is chosen on.
  public var calibrationLetters: Int
  /// The share of wrong readings among accepted ones that the threshold is chosen for.
  public var targetErrorRate = 1e-3

  /// For tens of thousands of digits: minutes of training on two cores.
  public static let large = ReaderRecipe(
    filters: 16, lettersPerEpoch: 16_000, epochs: 32, uses: 4, calibrationLetters: 4_000)
  /// For the few digits that ship with the package: about a minute of training on two cores.
  public static let small = ReaderRecipe(
    filters: 12, lettersPerEpoch: 6_400, epochs: 8, uses: 4, calibrationLetters: 1_500)
  /// For seeing that everything works: a reader that reads little.
  public static let short = ReaderRecipe(
    filters: 8, lettersPerEpoch: 1_280, epochs: 2, uses: 2, calibrationLetters: 300)

  /// The number of steps of the whole training.
  public var stepCount: Int { lettersPerEpoch / batchSize * epochs }
}
