import Descent

/// A line of `captions.jsonl`: a picture and what is said of it.
struct CaptionLine: Decodable {
  /// The picture's file, as a path within the folder.
  var file: String?
  /// The picture's number in a file of raw pictures.
  var index: Int?
  /// What is said of it, in one way or several.
  var captions: [String]
  /// What else the line says in words, such as `"style": "twitter"`.
  var fields: [String: String]

  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  init(from decoder: any Decoder) throws {
    let object = try decoder.container(keyedBy: Key.self)
    func key(_ name: String) -> Key { Key(stringValue: name) }
    file = try object.decodeIfPresent(String.self, forKey: key("file"))
    index = try object.decodeIfPresent(Int.self, forKey: key("i"))
    captions =
      try object.decodeIfPresent([String].self, forKey: key("captions"))
      ?? [try object.decode(String.self, forKey: key("caption"))]
    fields = [:]
    for key in object.allKeys where !["file", "caption", "captions"].contains(key.stringValue) {
      if let text = try? object.decode(String.self, forKey: key) { fields[key.stringValue] = text }
    }
  }
}
