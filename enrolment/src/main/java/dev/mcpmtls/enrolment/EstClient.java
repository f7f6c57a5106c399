// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.enrolment;

import dev.mcpmtls.files.Failures;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.tls.AuthorityTls;
import dev.mcpmtls.tls.handshake.RefusedPeerException;
import dev.mcpmtls.tls.http.LimitedBody;
import dev.mcpmtls.trust.ChainVerifier;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;

/** An EST server (RFC 7030), asked over TLS 1.3. Each request is bounded in time and size; no redirect is followed. */
final class EstClient {

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int MOST_BYTES = 256 * 1024;
    private static final int MOST_CRL_BYTES = 16 * 1024 * 1024;
    private static final int MOST_TOLD = 500;
    private static final Duration UNSAID = Duration.ofMinutes(1);

    private final URI est;
    private final HttpClient http;

    private EstClient(URI est, HttpClient.Builder http) {
        this.est = est;
        this.http = http.build();
    }

    /** Believes the server nothing: for {@link #caCertificates} alone, see {@link AuthorityTls#unverified}. */
    static EstClient unverified(URI est) {
        return new EstClient(est, AuthorityTls.unverified(plain()));
    }

    /** Verifies the server, and presents {@code own} if it asks. */
    static EstClient verified(URI est, Optional<Credential> own, ChainVerifier verifier) {
        return new EstClient(est, AuthorityTls.verified(plain(), own, verifier, est.getHost()));
    }

    private static HttpClient.Builder plain() {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(PATIENCE)
                .followRedirects(HttpClient.Redirect.NEVER)
                .proxy(HttpClient.Builder.NO_PROXY);
    }

    /** The certificates of the authority, anchors and others. */
    List<X509Certificate> caCertificates() {
        HttpResponse<byte[]> answer = send(HttpRequest.newBuilder(operation("cacerts")), MOST_BYTES);
        return certificates(requireDone(answer));
    }

    /** Asks for a first certificate with an invitation. */
    X509Certificate enrol(byte[] request, JoinToken token, PublicKey key) {
        String credentials = token.id() + ":" + token.password();
        String basic = "Basic " + Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.UTF_8));
        HttpRequest.Builder post = post("simpleenroll", request).header("Authorization", basic);
        return issued(send(post, MOST_BYTES), key);
    }

    /** Asks for the successor of the certificate that this client presents. */
    X509Certificate reenrol(byte[] request, PublicKey key) {
        return issued(send(post("simplereenroll", request), MOST_BYTES), key);
    }

    /** The content of an address on the same server; empty when it has none. */
    Optional<byte[]> get(URI address) {
        HttpResponse<byte[]> answer = send(HttpRequest.newBuilder(address), MOST_CRL_BYTES);
        return answer.statusCode() == 404
                ? Optional.empty()
                : Optional.of(requireDone(answer).body());
    }

    private HttpRequest.Builder post(String operation, byte[] request) {
        return HttpRequest.newBuilder(operation(operation))
                .header("Content-Type", "application/pkcs10")
                .header("Content-Transfer-Encoding", "base64")
                .POST(BodyPublishers.ofByteArray(CertsOnly.base64(request)));
    }

    private URI operation(String name) {
        String path = est.getPath() == null || est.getPath().matches("/?") ? "/.well-known/est" : est.getPath();
        return est.resolve(path.replaceAll("/$", "") + "/" + name);
    }

    private X509Certificate issued(HttpResponse<byte[]> answer, PublicKey key) {
        return certificates(requireDone(answer)).stream()
                .filter(certificate -> certificate.getPublicKey().equals(key))
                .findFirst()
                .orElseThrow(() -> new EnrolmentException.UnusableAnswer(est, "the certificate is not for our key"));
    }

    private List<X509Certificate> certificates(HttpResponse<byte[]> answer) {
        String type = answer.headers().firstValue("content-type").orElse("");
        if (!type.toLowerCase(Locale.ROOT).startsWith(CertsOnly.MEDIA_TYPE)) {
            throw new EnrolmentException.UnusableAnswer(
                    est, "it is " + Printable.quote(type) + ", not " + CertsOnly.MEDIA_TYPE);
        }
        try {
            return CertsOnly.decode(answer.body());
        } catch (CertificateException e) {
            throw new EnrolmentException.UnusableAnswer(est, "its certificates are malformed (" + e.getMessage() + ")");
        }
    }

    private HttpResponse<byte[]> requireDone(HttpResponse<byte[]> answer) {
        if (answer.statusCode() == 200) {
            return answer;
        }
        if (answer.statusCode() == 202) {
            throw new EnrolmentException.Undecided(est, again(answer));
        }
        String type = answer.headers().firstValue("content-type").orElse("");
        List<String> told = type.startsWith("text/plain") ? told(answer.body()) : List.of();
        throw new EnrolmentException.Refused(
                est,
                told.isEmpty() ? "status " + answer.statusCode() : told.get(0),
                told.size() > 1 ? told.get(1) : null);
    }

    /** At most two lines: the cause, and the remedy. */
    private static List<String> told(byte[] body) {
        return new String(body, StandardCharsets.UTF_8)
                .lines()
                .map(line -> Printable.clean(line.strip()))
                .filter(line -> !line.isEmpty())
                .map(line -> line.length() > MOST_TOLD ? line.substring(0, MOST_TOLD) : line)
                .limit(2)
                .toList();
    }

    /** The server's Retry-After (RFC 9110, section 10.2.3), in seconds or as a date; a minute where it cannot be read. */
    private static Duration again(HttpResponse<byte[]> answer) {
        String after = answer.headers().firstValue("retry-after").orElse("").strip();
        if (after.matches("[0-9]{1,9}")) {
            return Duration.ofSeconds(Long.parseLong(after));
        }
        try {
            Instant at = Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(after));
            Duration until = Duration.between(Instant.now(), at);
            return until.isNegative() ? Duration.ZERO : until;
        } catch (DateTimeException e) {
            return UNSAID;
        }
    }

    private HttpResponse<byte[]> send(HttpRequest.Builder request, int maxBytes) {
        CompletableFuture<HttpResponse<byte[]>> answer =
                http.sendAsync(request.timeout(PATIENCE).build(), head -> new LimitedBody(maxBytes));
        try {
            return answer.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new EnrolmentException.Unreachable(est, "no answer within " + PATIENCE.toSeconds() + " seconds", e);
        } catch (ExecutionException e) {
            throw failure(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new EnrolmentException.Unreachable(est, "interrupted", e);
        } finally {
            answer.cancel(true);
        }
    }

    private EnrolmentException failure(ExecutionException thrown) {
        List<Throwable> causes = Stream.iterate((Throwable) thrown, Objects::nonNull, Throwable::getCause)
                .limit(16)
                .toList();
        for (Throwable cause : causes) {
            if (cause instanceof RefusedPeerException refused) {
                return new EnrolmentException.NotTheAuthority(
                        "the server at " + est + " is not verified: " + refused.getMessage(), refused);
            }
        }
        for (Throwable cause : causes) {
            if (cause instanceof SSLException tls) {
                return new EnrolmentException.NotTheAuthority(
                        "no TLS 1.3 connection with the authority " + est + ": " + tls.getMessage(), tls);
            }
        }
        Throwable cause = causes.get(Math.min(1, causes.size() - 1));
        return new EnrolmentException.Unreachable(est, Failures.reason(cause), cause);
    }
}
