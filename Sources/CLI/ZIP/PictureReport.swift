import Descent
import DescentZIP
import Foundation

/// What became of one picture: a reading, or the fault of its file.
struct PictureReport: Encodable {
  private enum Outcome {
    case reading(Reading)
    case fault(String)
  }

  private let picture: String
  private let outcome: Outcome

  /// The fault of the file, in one line; nil where it was read.
  var fault: String? {
    if case .fault(let text) = outcome { text } else { nil }
  }

  /// Whether a code was read and believed.
  var isAccepted: Bool {
    if case .reading(let reading) = outcome { reading.code != nil } else { false }
  }

  init(_ picture: String, _ reading: Reading) {
    (self.picture, outcome) = (picture, .reading(reading))
  }

  init(_ picture: String, fault: any Error) {
    (self.picture, outcome) = (picture, .fault("\(fault)"))
  }

  /// The line for people; with the picture's name where there are several.
  func line(naming: Bool) -> String {
    switch outcome {
    case .reading(let reading): naming ? "\(picture): \(reading)" : "\(reading)"
    case .fault(let text): text
    }
  }

  /// The object for machines, in one line.
  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }

  private enum Key: String, CodingKey {
    case picture, code, reading, confidence, runnerUp, probability, rejection, reason, message, fault
  }

  func encode(to encoder: any Encoder) throws {
    var object = encoder.container(keyedBy: Key.self)
    try object.encode(picture, forKey: .picture)
    switch outcome {
    case .fault(let text):
      try object.encode(text, forKey: .fault)
    case .reading(let reading):
      try object.encode(reading.code, forKey: .code)
      try object.encode(reading.text, forKey: .reading)
      try object.encode(reading.confidence, forKey: .confidence)
      if let runnerUp = reading.runnerUp {
        var other = object.nestedContainer(keyedBy: Key.self, forKey: .runnerUp)
        try other.encode(runnerUp.symbols.text, forKey: .reading)
        try other.encode(runnerUp.probability, forKey: .probability)
      }
      if let rejection = reading.rejection {
        var reason = object.nestedContainer(keyedBy: Key.self, forKey: .rejection)
        try reason.encode(rejection.name, forKey: .reason)
        try reason.encode("\(rejection)", forKey: .message)
      }
    }
  }
}
