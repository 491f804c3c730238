/// A named set of integrations.
package struct Receiver: Sendable {
    /// As routes name it.
    package let name: String
    /// Its webhooks, in the order of the file.
    package let webhooks: [WebhookConfig]
}
