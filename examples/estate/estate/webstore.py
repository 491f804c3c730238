"""WebStore: a shop of four services (Node.js, Python, Go, .NET) that buys payments, stock and customer records elsewhere."""

from . import logs
from .knobs import Shares
from .metrics import SECONDS
from .service import Service
from .spans import Journey
from .system import System
from .web import Database, HTTPClient, HTTPServer, serve

# Share of the customers, currency, and what the payment provider of the country answers when it fails.
COUNTRIES = {
    "US": (0.30, "USD", [400, 500, 503]), "UK": (0.16, "GBP", [400, 404, 500]), "DE": (0.16, "EUR", [500, 503]),
    "FR": (0.12, "EUR", [400, 500, 503, 429]), "JP": (0.10, "JPY", [500, 503]), "BR": (0.08, "BRL", [400, 404, 500, 503]),
    "IN": (0.08, "INR", [400, 500, 503]),
}
PAYMENT_METHODS = {"credit_card": 0.6, "paypal": 0.25, "bank_transfer": 0.15}
PRODUCTS = {f"prod-{number}": price for number, price in enumerate((12.5, 19.99, 24, 39.9, 59, 89.99, 149, 249), 1)}
PROMOTIONS = ["none", "WELCOME10", "BLACKFRIDAY", "LOYALTY5"]
EXHAUSTED = "QueuePool limit of size 20 overflow 0 reached, connection timed out"
MONEY = (5, 10, 25, 50, 100, 250, 500, 1000, 2500)
# Requests a second at rate 1.
REQUESTS = 4.0


class WebStore(System):
    name = "webstore"

    def build(self):
        self.frontend = Service("frontend", self.name, "nodejs", "@opentelemetry/instrumentation-http", logs.pino)
        self.main = Service("main-service", self.name, "python", "opentelemetry.instrumentation.fastapi",
                            logs.python_json_logger)
        self.payments = Service("payments-service", self.name, "go", "otelgin", logs.zap)
        self.promotions = Service("promotions-service", self.name, "dotnet", "Microsoft.AspNetCore", logs.serilog_compact)
        # Somebody else's: no spans, no metrics.
        self.provider, self.crm, self.inventory = (
            Service(name, self.name, log_format=logs.pino) for name in ("payment-provider", "crm-system", "inventory-system"))
        self.services = [self.frontend, self.main, self.payments, self.promotions, self.provider, self.crm, self.inventory]

        self.frontend_http, self.promotions_http = HTTPServer(self.frontend), HTTPServer(self.promotions)
        self.main_http, self.payments_http = HTTPServer(self.main, older=True), HTTPServer(self.payments, older=True)
        self.frontend_calls, self.payments_calls = HTTPClient(self.frontend), HTTPClient(self.payments)
        self.main_calls = HTTPClient(self.main, older=True)
        self.database = Database(self.main, "postgresql", "webstore", "webstore-db", 5432)
        self.redis = Database(self.main, "redis", "0", "webstore-redis", 6379, pool=50)

        meter = self.main.meter
        self.cart_additions = meter.counter("webstore.cart.additions", "Items added to carts")
        self.checkouts = meter.counter("webstore.checkouts", "Checkouts by their outcome")
        self.checkout_amount = meter.histogram("webstore.checkout.amount", "Amounts of checkouts in US dollars", bounds=MONEY)
        self.payment_duration = meter.histogram("webstore.payment.duration", "Time that the payment of a checkout took", "s",
                                                bounds=(*SECONDS, 15, 30))
        self.active_carts = meter.gauge("webstore.active_carts", "Carts with something in them", "{cart}")
        self.external_calls = meter.counter("webstore.external.requests", "Requests to services of others, by outcome")
        meter = self.payments.meter
        self.processed = meter.counter("payments_processed_total", "Payment transactions")
        self.amount = meter.histogram("payment_amount_usd", "Amounts of payments in US dollars", bounds=MONEY)
        self.provider_duration = meter.histogram(
            "external_payment_provider_duration_seconds", "Time that the payment provider took", "s", bounds=(*SECONDS, 15, 30))

        self.failures, self.carts = Shares(), 40.0
        # Counters that begin at 0 show their first increase, too.
        for country in COUNTRIES:
            for method in PAYMENT_METHODS:
                for status in ("success", "failed"):
                    self.processed.add(0, country=country, method=method, status=status)
                    self.checkouts.add(0, country=country, payment_method=method, status=status)
        for service in (self.provider, self.crm, self.inventory):
            for status in ("success", "failed"):
                self.external_calls.add(0, service=service.name, status=status)

    def tasks(self):
        return [(self.request, 0.2), (self.watch, 0.1)]

    def fails(self, group, name):
        return self.failures.take(self.knobs.failure_rate(group, name), group, name)

    def watch(self, due):
        """Levels, every five seconds."""
        exhausted = self.knobs.incident("checkout")
        self.carts += ((190 if exhausted else 40) - self.carts) / 12
        self.active_carts.set(round(self.near(self.carts, 0.03)))
        self.database.use(19 if exhausted else self.near(6, 0.3))
        self.redis.use(self.near(8, 0.3))
        for server in (self.frontend_http, self.main_http, self.payments_http, self.promotions_http):
            server.active.set(round(self.near(24 if exhausted and server is self.main_http else 2, 0.5)))
        return 5.0

    # Requests

    def request(self, due):
        """One request of a customer's browser, a trace."""
        country = self.random.choices(list(COUNTRIES), [share for share, *_ in COUNTRIES.values()])[0]
        # Who meets a broken checkout puts things into the cart and leaves.
        checkouts = 1 if self.knobs.incident("checkout") else 25
        kind = self.random.choices([self.browse, self.look, self.add, self.cart, self.checkout], [20, 17, 30, 8, checkouts])[0]
        journey = Journey(self.random)
        kind(journey, country)
        self.finish(journey, due)
        return self.wait(REQUESTS)

    def page(self, journey, country, method, route, inner, path=None):
        """A request through the frontend to the main service, which does `inner`."""
        user = f"user_{self.random.randint(1, 60)}"
        with serve(journey, self.frontend_http, method, "/api" + route, {"client.country": country}) as outer:
            journey.work(3)
            with self.frontend_calls.call(journey, method, "main-service", path or route, 8000) as call:
                journey.work(1)
                with serve(journey, self.main_http, method, route, {"user.id": user, "country": country}) as exchange:
                    journey.work(1)
                    problem = EXHAUSTED if self.fails("service", "main-service") else None
                    self.database.connect(journey, 3 * self.knobs.delay("main-service"), problem)
                    if problem:
                        exchange.answer(500, problem)
                        journey.event("exception", {"exception.type": "sqlalchemy.exc.TimeoutError",
                                                    "exception.message": problem})
                        journey.log("error", "Request failed: {error}", "webstore.errors", error=problem,
                                    path=route, country=country)
                    else:
                        inner(exchange, user)
                call.answer(exchange.status, exchange.problem)
            outer.answer(502 if exchange.failed else exchange.status, exchange.problem)
            journey.log("error" if outer.failed else "info", "request failed" if outer.failed else "request completed",
                        method=method, route="/api" + route, status=outer.status)
        return exchange

    def browse(self, journey, country):
        def inner(exchange, user):
            self.redis.query(journey, "GET", "products", "GET products:all", 0.6)
            self.database.query(journey, "SELECT", "products", "SELECT id, name, price FROM products ORDER BY id LIMIT $1", 3)
            journey.log("info", "Products listed", "webstore.products", count=len(PRODUCTS), country=country)
        self.page(journey, country, "GET", "/products", inner)

    def look(self, journey, country):
        product = self.random.choice(list(PRODUCTS))
        def inner(exchange, user):
            self.database.query(journey, "SELECT", "products", "SELECT * FROM products WHERE id = $1", 2)
            if self.random.random() < 0.02:
                exchange.answer(404)
                journey.log("warn", "Product not found", "webstore.products", product_id="prod-0")
        self.page(journey, country, "GET", "/products/{id}", inner, f"/products/{product}")

    def add(self, journey, country):
        product = self.random.choice(list(PRODUCTS))
        def inner(exchange, user):
            self.stock(journey, product, country)
            self.redis.query(journey, "HSET", "cart", "HSET cart:? ? ?", 0.7)
            self.cart_additions.add(country=country, product_id=product)
            journey.log("info", "Item added to cart", "webstore.cart", user_id=user, product_id=product, country=country)
        self.page(journey, country, "POST", "/cart/add", inner)

    def cart(self, journey, country):
        def inner(exchange, user):
            self.redis.query(journey, "HGETALL", "cart", "HGETALL cart:?", 0.7)
        self.page(journey, country, "GET", "/cart", inner)

    def checkout(self, journey, country):
        product, price = self.random.choice(list(PRODUCTS.items()))
        amount = round(price * self.random.randint(1, 3), 2)
        method = self.random.choices(list(PAYMENT_METHODS), list(PAYMENT_METHODS.values()))[0]
        labels = {"country": country, "payment_method": method}
        def inner(exchange, user):
            journey.log("info", "Processing checkout", "webstore.checkout", user_id=user, amount=amount, country=country)
            self.redis.query(journey, "HGETALL", "cart", "HGETALL cart:?", 0.7)
            self.stock(journey, product, country)
            self.discount(journey, user, country)
            began = journey.clock
            status = self.pay(journey, user, country, method, amount)
            self.payment_duration.record_at(labels, (journey.clock - began) / 1e9, exchange.span)
            if status != 200:
                # The payment was refused, the shop works: 402. Only a payments service that breaks is our failure.
                exchange.answer(402 if status == 402 else 502, "payment failed")
                journey.log("warn" if status == 402 else "error", "Checkout failed: payment answered {status}",
                            "webstore.checkout", user_id=user, status=status, country=country)
                return
            self.database.query(journey, "INSERT", "orders",
                                "INSERT INTO orders (user_id, total, country) VALUES ($1, $2, $3) RETURNING id", 5)
            self.customer(journey, user, country)
            self.checkout_amount.record_at(labels, amount, exchange.span)
            journey.log("info", "Checkout completed", "webstore.checkout", user_id=user, amount=amount, country=country)
        exchange = self.page(journey, country, "POST", "/checkout", inner)
        self.checkouts.add(**labels, status="success" if exchange.status == 200 else "failed")

    # What a request needs of others

    def bought(self, journey, client, service, method, path, port, median, failed, said, **fields):
        """A call to a service of somebody else, whose own line is all that is known of it; its status."""
        with client.call(journey, method, service.name, path, port) as call:
            journey.work(median)
            if failed:
                call.answer(failed if isinstance(failed, int) else self.random.choice(failed))
                journey.log("error", said + " failed", service=service, status=call.status, **fields)
            else:
                journey.log("info", said, service=service, **fields)
        self.external_calls.add(service=service.name, status="failed" if failed else "success")
        return call.status

    def stock(self, journey, product, country):
        failed = [400, 404, 500, 503] if self.fails("service", "inventory-system") else None
        if self.bought(journey, self.main_calls, self.inventory, "GET", "/stock", 3003, 18, failed, "Stock check",
                       product_id=product, quantity=self.random.randint(0, 40), country=country) != 200:
            journey.log("warn", "Inventory unavailable, stock of the cache used", "webstore.inventory", product_id=product)

    def customer(self, journey, user, country):
        failed = [400, 404, 500, 503] if self.fails("service", "crm-system") else None
        if self.bought(journey, self.main_calls, self.crm, "POST", "/customers/events", 3002, 25, failed, "Customer updated",
                       user_id=user, country=country) != 200:
            journey.log("warn", "CRM update failed, will be tried again", "webstore.crm", user_id=user)

    def discount(self, journey, user, country):
        with self.main_calls.call(journey, "POST", "promotions-service", "/promotions/check", 8082) as call:
            if self.knobs.is_down("promotions-service"):
                journey.work(2)
                call.answer(0, "connection refused")
                journey.log("warn", "Promotions unavailable, no discount", "webstore.promotions", user_id=user)
                return
            with serve(journey, self.promotions_http, "POST", "/promotions/check", {"country": country}) as exchange:
                journey.log("info", "Checking promotions for user {UserId}", "WebStore.Promotions.PromotionEngine", UserId=user)
                journey.work(9 * self.knobs.delay("promotions-service"))
                if self.fails("service", "promotions-service"):
                    exchange.answer(500, "Sequence contains no elements")
                    journey.log("error", "Promotion rules failed for user {UserId}", "WebStore.Promotions.PromotionEngine",
                                UserId=user)
                else:
                    code = self.random.choice(PROMOTIONS)
                    journey.log("info", "Promotion {Code} applied in {Country}", "WebStore.Promotions.PromotionEngine",
                                Code=code, Country=country)
            call.answer(exchange.status, exchange.problem)

    def pay(self, journey, user, country, method, amount):
        """The payments service's answer: 200, 402 for a payment that failed, 500 when it breaks, 0 when it is down."""
        with self.main_calls.call(journey, "POST", "payments-service", "/payments", 8081) as call:
            if self.knobs.is_down("payments-service"):
                journey.work(2)
                call.answer(0, "connection refused")
                return 0
            with serve(journey, self.payments_http, "POST", "/payments",
                       {"payment.country": country, "payment.method": method, "payment.amount": amount}) as exchange:
                journey.log("info", "Processing payment", "handlers/payment.go:64", user_id=user, amount=amount, country=country)
                journey.work(1)
                began = journey.clock
                failed = COUNTRIES[country][2] if self.fails("country", country) else None
                status = self.bought(
                    journey, self.payments_calls, self.provider, "POST", "/charge", 3001,
                    120 * self.knobs.delay("payment-provider"), failed, "Charge", country=country, currency=COUNTRIES[country][1])
                self.provider_duration.record_at({"country": country, "status_code": status}, (journey.clock - began) / 1e9,
                                                 exchange.span)
                if status != 200:
                    broken = status >= 500 and self.fails("service", "payments-service")
                    exchange.answer(500 if broken else 402, "payment provider answered %d" % status)
                    journey.log("error", "Payment failed", "handlers/payment.go:91", country=country, provider_status=status,
                                payment_method=method)
                else:
                    journey.log("info", "Payment processed", "handlers/payment.go:103", country=country, amount=amount)
                self.processed.add(country=country, method=method, status="success" if status == 200 else "failed")
                self.amount.record_at({"country": country, "method": method}, amount, exchange.span)
            call.answer(exchange.status, exchange.problem)
        return exchange.status
