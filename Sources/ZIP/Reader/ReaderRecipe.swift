import Descent

/// How a reader is trained: how large its network is, on how many letters, how fast.
public struct ReaderRecipe: Sendable {
  /// The number of rounds, each of which trains a branch of the network.
  public var rounds: Int
  /// The number of filters of each branch's first layer.
  public var filters: Int
  /// The number of letters in an epoch.
  public var lettersPerEpoch: Int
  /// The number of epochs of a round.
  public var epochs: Int
  /// The number of epochs that a letter serves for before a new one takes its place.
  public var uses: Int
  /// The number of letters in a step.
  public var batchSize = 64
  /// The highest learning rate, reached after three tenths of a round's steps.
  public var learningRate = 1e-2
  /// The number of letters that the threshold is chosen on.
  public var calibrationLetters: Int
  /// The share of wrong readings among accepted ones that the threshold is chosen for.
  public var targetErrorRate = 1e-3

  /// For tens of thousands of digits: minutes of training on two cores.
  public static let large = ReaderRecipe(
    rounds: 2, filters: 16, lettersPerEpoch: 16_000, epochs: 16, uses: 4, calibrationLetters: 4_000)
  /// For the few digits that ship with the package: about a minute of training on two cores.
  public static let small = ReaderRecipe(
    rounds: 1, filters: 12, lettersPerEpoch: 6_400, epochs: 8, uses: 4, calibrationLetters: 1_500)
  /// For seeing that everything works: a reader that reads little.
  public static let short = ReaderRecipe(
    rounds: 1, filters: 8, lettersPerEpoch: 1_280, epochs: 2, uses: 2, calibrationLetters: 300)

  /// The numbers of rounds that there may be.
  public static let possibleRounds = 1...16

  /// The number of steps of a round.
  public var stepCount: Int { lettersPerEpoch / batchSize * epochs }
}
