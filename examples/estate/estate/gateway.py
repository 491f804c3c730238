"""The payment gateway: ASP.NET Core, Stripe and SQL Server. Its traces are a tree of one request:

    POST /api/payments
    └── PaymentService.ProcessPayment
        ├── StripeService.CreatePaymentIntent ── POST api.stripe.com
        ├── INSERT Transactions
        └── StripeService.ConfirmPayment ── POST api.stripe.com
"""

from . import logs
from .knobs import Shares
from .service import Service
from .spans import Journey
from .system import System
from .web import Database, HTTPClient, HTTPServer, serve

PAYMENTS = 0.6
SAVE = "INSERT INTO Transactions (TransactionId, CustomerId, Amount, Currency, Status) VALUES (@p0, @p1, @p2, @p3, @p4)"


class PaymentGateway(System):
    name = "payment-gateway"

    def build(self):
        self.gateway = Service("payment-gateway", self.name, "dotnet", "PaymentGateway", logs.serilog_compact, "2.3.0")
        self.services = [self.gateway]
        self.http, self.calls = HTTPServer(self.gateway), HTTPClient(self.gateway)
        self.database = Database(self.gateway, "microsoft.sql_server", "Payments", "payments-sql", 1433, pool=100)
        self.transactions = self.gateway.meter.counter("payment_gateway.transactions", "Transactions by their end")
        self.failures = Shares()
        for status in ("succeeded", "failed"):
            self.transactions.add(0, status=status)

    def tasks(self):
        return [(self.payment, 0.6), (self.webhook, 1.1), (self.watch, 0.1)]

    def fails(self, name):
        return self.failures.take(self.knobs.failure_rate("service", name), name)

    def watch(self, due):
        self.database.use(self.near(12, 0.3))
        self.http.active.set(round(self.near(2, 0.5)))
        return 5.0

    def payment(self, due):
        journey = Journey(self.random)
        amount = round(self.random.lognormvariate(3.8, 0.8), 2)
        payment = f"pi_{self.random.getrandbits(64):016x}"
        with serve(journey, self.http, "POST", "/api/payments", {"user_agent.original": "kiosk/3.2"}) as exchange:
            journey.work(2)
            with journey.span(self.gateway, "PaymentService.ProcessPayment",
                              attributes={"payment.amount": amount, "payment.currency": "USD"}) as span:
                self.process(journey, exchange, span, payment, amount)
        self.transactions.add(status="succeeded" if exchange.status == 201 else "failed")
        self.finish(journey, due)
        return self.wait(PAYMENTS)

    def process(self, journey, exchange, span, payment, amount):
        source = "PaymentGateway.Services.PaymentService"
        if self.fails("payment-gateway"):
            exchange.answer(500, "Timeout expired before a connection was obtained from the pool")
            span.fail(exchange.problem)
            journey.log("error", "Payment {PaymentIntentId} could not be begun", source, PaymentIntentId=payment)
            return
        if not self.stripe(journey, "CreatePaymentIntent", "/v1/payment_intents", payment):
            return self.refuse(journey, exchange, span, payment, source)
        self.database.query(journey, "INSERT", "Transactions", SAVE, 6)
        if not self.stripe(journey, "ConfirmPayment", "/v1/payment_intents/confirm", payment):
            return self.refuse(journey, exchange, span, payment, source)
        exchange.answer(201)
        journey.log("info", "Payment {PaymentIntentId} of {Amount} {Currency} succeeded", source, PaymentIntentId=payment,
                    Amount=amount, Currency="USD")

    def refuse(self, journey, exchange, span, payment, source):
        exchange.answer(402, "Stripe refused the payment")
        span.fail(exchange.problem)
        journey.log("warn", "Payment {PaymentIntentId} was refused", source, PaymentIntentId=payment)

    def stripe(self, journey, operation, path, payment):
        """Whether Stripe did it."""
        with journey.span(self.gateway, "StripeService." + operation, attributes={"stripe.payment_intent": payment}) as span:
            with self.calls.call(journey, "POST", "api.stripe.com", path, 443, peer="stripe") as call:
                journey.work(90 * self.knobs.delay("stripe"))
                if self.fails("stripe"):
                    call.answer(self.random.choice([402, 429, 503]), "card_declined")
            if call.status != 200:
                span.fail(f"Stripe answered {call.status}")
        return call.status == 200

    def webhook(self, due):
        journey = Journey(self.random)
        with serve(journey, self.http, "POST", "/api/webhooks/stripe"):
            journey.work(2)
            self.database.query(journey, "UPDATE", "Transactions",
                                "UPDATE Transactions SET Status = @p0, CompletedAt = @p1 WHERE StripePaymentIntentId = @p2", 4)
            journey.log("info", "Webhook {EventType} handled", "PaymentGateway.Controllers.WebhookController",
                        EventType="payment_intent.succeeded")
        self.finish(journey, due)
        return self.wait(PAYMENTS / 2)
