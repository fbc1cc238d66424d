package import Hummingbird
internal import Logging
internal import NIOCore

/// What travels with one request.
package struct APIContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    /// Who asked; nil where there is no connection, as in tests of routes.
    let client: ClientPresence?
    /// Where small answers are made; nil where a thread for work is found already.
    let executor: EventLoopExecutor?

    package init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        client = ClientPresence.current
        executor = nil
    }

    /// For a request whose task runs on the thread of its connection, and is cancelled where the client goes away.
    init(channel: any Channel, logger: Logger, executor: EventLoopExecutor) {
        coreContext = CoreRequestContextStorage(
            source: ApplicationRequestContextSource(channel: channel, logger: logger)
        )
        client = nil
        self.executor = executor
    }

    /// Form bodies of queries; remote-write bodies have a limit of their own.
    package var maxUploadSize: Int { 4 << 20 }
}
