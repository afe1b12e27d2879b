import DescentData
import Foundation
import Testing

private let hasCurl = ["/usr/bin", "/usr/local/bin", "/bin"].contains {
  FileManager.default.isExecutableFile(atPath: "\($0)/curl")
}

@Suite(.enabled(if: hasCurl, "needs the program curl")) struct DownloaderTests {
  let directory: TemporaryDirectory
  let content = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
  let digest: String
  let path: String
  var downloader = Downloader()

  init() throws {
    directory = try TemporaryDirectory()
    digest = SHA256.hexadecimal(of: content)
    path = directory.at("deep/er/file.bin")
    downloader.pause = 0.01
    downloader.attempts = 3
  }

  func fetch(_ addresses: [String], progress: (DownloadProgress) -> Void = { _ in }) throws {
    try downloader.download(
      from: addresses, to: path, byteCount: content.count, sha256: digest, progress: progress)
  }

  func part(_ bytes: some Sequence<UInt8>) throws {
    try FileManager.default.createDirectory(atPath: directory.at("deep/er"), withIntermediateDirectories: true)
    try directory.file("deep/er/file.bin.part", bytes)
  }

  /// The file is there, whole, and alone.
  func expectWhole(sourceLocation: SourceLocation = #_sourceLocation) throws {
    #expect(try FileContents.read(path) == content, sourceLocation: sourceLocation)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: directory.at("deep/er")) == ["file.bin"],
      sourceLocation: sourceLocation)
  }

  @Test func aFreshDownload() throws {
    let server = try LoopbackServer { [content] in .file(content, for: $0) }
    var seen: [DownloadProgress] = []
    try fetch([server.address()]) { seen.append($0) }
    try expectWhole()
    #expect(seen.last == DownloadProgress(file: "file.bin", received: content.count, total: content.count))
    #expect(seen.map(\.received) == seen.map(\.received).sorted())

    try fetch([server.address()])
    #expect(server.requests.count == 1)
  }

  @Test func aCutConnectionIsTakenUpAgain() throws {
    let server = try LoopbackServer { [content] request in
      let cut = 100_000 + (request.start ?? 0)
      guard cut < content.count else { return .file(content, for: request) }
      var response = LoopbackServer.Response.file(content, for: request)
      response.claimedLength = response.body.count
      response.body.removeLast(response.body.count - 100_000)
      return response
    }
    try fetch([server.address()])
    try expectWhole()
    #expect(server.requests.map(\.start) == [nil, 100_000, 200_000])
  }

  @Test func aServerThatAlwaysCutsIsGivenUp() throws {
    let server = try LoopbackServer { [content] request in
      var response = LoopbackServer.Response.file(content, for: request)
      response.claimedLength = response.body.count
      response.body = request.start == nil ? Array(content[..<50_000]) : []
      return response
    }
    let error = expectFault("50,000 bytes are kept in file.bin.part", in: path) { try fetch([server.address()]) }
    #expect(error?.description.contains(server.address()) == true)
    #expect(server.requests.count == 3)

    let healthy = try LoopbackServer { [content] in .file(content, for: $0) }
    try fetch([healthy.address()])
    try expectWhole()
    #expect(healthy.requests.map(\.start) == [50_000])
  }

  @Test func aServerThatIgnoresRanges() throws {
    try part(content[..<1000])
    let server = try LoopbackServer { [content] _ in .init(body: content) }
    try fetch([server.address()])
    try expectWhole()
    #expect(server.requests.map(\.start) == [1000, nil])
  }

  @Test func aStalePartIsThrownAway() throws {
    try part([UInt8](repeating: 0, count: 1000))
    let server = try LoopbackServer { [content] in .file(content, for: $0) }
    try fetch([server.address()])
    try expectWhole()
    #expect(server.requests.map(\.start) == [1000, nil])

    try part([UInt8](repeating: 0, count: content.count + 1))
    try FileManager.default.removeItem(atPath: path)
    try fetch([server.address()])
    try expectWhole()
  }

  @Test func aWholePartNeedsNoServer() throws {
    try part(content)
    try fetch(["http://127.0.0.1:1/file"])
    try expectWhole()
  }

  @Test func aWrongChecksum() throws {
    let server = try LoopbackServer { [content] in .file(content.reversed(), for: $0) }
    expectFault("expected \(digest)", in: path) { try fetch([server.address()]) }
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.at("deep/er")) == [])
  }

  @Test func aDamagedFileStaysUntilABetterOneIsThere() throws {
    try part(content)
    try FileManager.default.moveItem(atPath: path + ".part", toPath: path)
    try directory.file("deep/er/file.bin", [1, 2, 3])
    let absent = try LoopbackServer { _ in .init(status: 404) }
    expectFault("404") { try fetch([absent.address()]) }
    #expect(try FileContents.read(path) == [1, 2, 3])
    let server = try LoopbackServer { [content] in .file(content, for: $0) }
    try fetch([server.address()])
    try expectWhole()
  }

  @Test func absentAtOneMirrorAndBrokenAtAnother() throws {
    let absent = try LoopbackServer { _ in .init(status: 404, body: Array("<html>".utf8)) }
    let broken = try LoopbackServer { _ in .init(status: 503) }
    let error = expectFault("404, not found", in: path) { try fetch([absent.address(), broken.address()]) }
    #expect(error?.description.contains("the server answers 503") == true)
    #expect(absent.requests.count == 1)
    #expect(broken.requests.count == 3)
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.at("deep/er")) == [])

    let server = try LoopbackServer { [content] in .file(content, for: $0) }
    try fetch([absent.address(), server.address()])
    try expectWhole()
  }

  @Test func lengthsThatAreWrong() throws {
    let short = try LoopbackServer { [content] in .file(Array(content.dropLast()), for: $0) }
    expectFault("sends 299,999 bytes, expected 300,000") { try fetch([short.address()]) }
    let long = try LoopbackServer { [content] in .file(content + [0], for: $0) }
    expectFault("sends more than the 300,000 bytes expected") { try fetch([long.address()]) }
    #expect(long.requests.count == 1)
  }

  @Test func redirectsAreFollowed() throws {
    let server = try LoopbackServer { [content] request in
      request.path == "old"
        ? .init(status: 302, headers: ["Location: /new"]) : .file(content, for: request)
    }
    try fetch([server.address("old")])
    try expectWhole()
  }

  @Test func aServerThatFallsSilent() throws {
    let server = try LoopbackServer { [content] _ in
      .init(body: Array(content[..<10]), claimedLength: content.count, delay: 2.5)
    }
    var downloader = downloader
    downloader.stallSeconds = 1
    downloader.attempts = 1
    expectFault("kept in file.bin.part") {
      try downloader.download(from: [server.address()], to: path, byteCount: content.count, sha256: digest)
    }
  }

  @Test func addressesThatAreNone() throws {
    expectFault("no address") { try fetch([]) }
    expectFault("download failed") { try fetch(["gopher://127.0.0.1/file"]) }
    expectFault("download failed") { try fetch(["not an address"]) }
    expectFault("download failed") { try fetch(["http://127.0.0.1:1/"]) }
    expectFault("download failed") { try fetch(["file://\(directory.at("absent"))"]) }
    let local = try directory.file("local", content)
    try fetch(["file://\(local)"])
    try expectWhole()
  }

  @Test func aDiskThatIsFull() throws {
    let server = try LoopbackServer { [content] in .file(content, for: $0) }
    try FileManager.default.createSymbolicLink(
      atPath: directory.at("file.bin.part"), withDestinationPath: "/dev/full")
    expectFault("no space left on the disk", in: directory.at("file.bin.part")) {
      try downloader.download(from: [server.address()], to: directory.at("file.bin"), sha256: digest)
    }
  }

  @Test func withoutCurl() {
    var downloader = downloader
    downloader.curl = "no-such-curl"
    expectFault("apt-get install curl") {
      try downloader.download(from: ["http://127.0.0.1:1/"], to: directory.at("file"))
    }
  }

  @Test func placesThatCannotHoldTheFile() throws {
    expectFault("is a directory", in: directory.path) {
      try downloader.download(from: ["http://x/"], to: directory.path)
    }
    for name in ["", "/", directory.at("new/")] {
      expectFault("is not the name of a file") { try downloader.download(from: ["http://x/"], to: name) }
    }
    let file = try directory.file("plain", [1])
    expectFault("is a file, not a directory") { try downloader.download(from: ["http://x/"], to: file + "/a/b") }
  }

  @Test func aCollectionFromAMirror() throws {
    let server = try LoopbackServer { [content] request in
      request.path.hasPrefix("sets/") ? .file(content + Array(request.path.utf8), for: request) : .init(status: 404)
    }
    let files = ["one", "two"].map { name in
      let bytes = content + Array("sets/\(name)".utf8)
      return RemoteDataset.File(name: name, byteCount: bytes.count, sha256: SHA256.hexadecimal(of: bytes))
    }
    let set = RemoteDataset(name: "test", files: files, mirrors: [server.address("absent")], credit: "")
    expectFault("404") { try set.download(to: directory.at("sets"), using: downloader) }
    try set.download(to: directory.at("sets"), from: server.address("sets"), using: downloader)
    #expect(try FileContents.read(directory.at("sets/two")).count == files[1].byteCount)
  }
}
