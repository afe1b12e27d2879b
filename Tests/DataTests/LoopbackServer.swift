import Foundation
import Synchronization

/// A small HTTP server on the loopback interface that can misbehave in the ways servers do.
final class LoopbackServer: Sendable {
  /// What a client asked for.
  struct Request: Sendable, Equatable {
    var path: String
    /// The first byte wanted, where the client does not want the file from its start.
    var start: Int?
  }

  /// What it gets.
  struct Response: Sendable {
    var status = 200
    var headers: [String] = []
    var body: [UInt8] = []
    /// The length announced, where it is not that of the body.
    var claimedLength: Int?
    /// The seconds to wait before the end of the body.
    var delay = 0.0
  }

  let port: UInt16
  private let listener: CInt
  private let log = Mutex<[Request]>([])

  /// The requests so far.
  var requests: [Request] { log.withLock { $0 } }

  /// The address of a path at this server.
  func address(_ path: String = "file") -> String { "http://127.0.0.1:\(port)/\(path)" }

  init(answer: @escaping @Sendable (Request) -> Response) throws {
    listener = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let listener = listener
    let bound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
        bind(listener, raw, length) == 0 && listen(listener, 8) == 0 && getsockname(listener, raw, &length) == 0
      }
    }
    port = UInt16(bigEndian: address.sin_port)
    guard bound else { throw CocoaError(.featureUnsupported) }
    Thread.detachNewThread { [weak self] in
      while true {
        let connection = accept(listener, nil, nil)
        guard connection >= 0, let self else { return }
        self.serve(connection, answer)
        close(connection)
      }
    }
  }

  deinit {
    shutdown(listener, CInt(SHUT_RDWR))
    close(listener)
  }

  private func serve(_ connection: CInt, _ answer: (Request) -> Response) {
    var head: [UInt8] = []
    while !head.suffix(4).elementsEqual([13, 10, 13, 10]) {
      var byte: UInt8 = 0
      guard recv(connection, &byte, 1, 0) == 1 else { return }
      head.append(byte)
    }
    let lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n")
    let range = lines.first { $0.lowercased().hasPrefix("range: bytes=") }
    let request = Request(
      path: String(lines[0].split(separator: " ")[1].dropFirst()),
      start: range.flatMap { Int($0.dropFirst(13).prefix { $0.isNumber }) })
    log.withLock { $0.append(request) }

    let response = answer(request)
    var text = "HTTP/1.1 \(response.status) Answer\r\nConnection: close\r\n"
    text += "Content-Length: \(response.claimedLength ?? response.body.count)\r\n"
    text += response.headers.map { $0 + "\r\n" }.joined() + "\r\n"
    deliver(Array(text.utf8), to: connection)
    deliver(response.body, to: connection)
    if response.delay > 0 { Thread.sleep(forTimeInterval: response.delay) }
  }

  private func deliver(_ bytes: [UInt8], to connection: CInt) {
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes {
        send(connection, $0.baseAddress! + sent, bytes.count - sent, CInt(MSG_NOSIGNAL))
      }
      guard count > 0 else { return }
      sent += count
    }
  }
}

extension LoopbackServer.Response {
  /// The file, or its rest where a client asks for that.
  static func file(_ bytes: [UInt8], for request: LoopbackServer.Request) -> Self {
    guard let start = request.start else { return Self(body: bytes) }
    guard start < bytes.count else { return Self(status: 416, headers: ["Content-Range: bytes */\(bytes.count)"]) }
    return Self(
      status: 206, headers: ["Content-Range: bytes \(start)-\(bytes.count - 1)/\(bytes.count)"],
      body: Array(bytes[start...]))
  }
}
