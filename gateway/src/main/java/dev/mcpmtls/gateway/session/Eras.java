// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway.session;

import dev.mcpmtls.gateway.channel.Upstream;
import dev.mcpmtls.gateway.channel.UpstreamFailure;
import dev.mcpmtls.gateway.link.ModernLink;
import dev.mcpmtls.protocol.ErrorCode;
import dev.mcpmtls.protocol.JsonRpcMessage;
import dev.mcpmtls.protocol.JsonRpcMessage.Response;
import dev.mcpmtls.protocol.Method;
import dev.mcpmtls.protocol.Revision;
import dev.mcpmtls.transport.server.caller.Caller;
import dev.mcpmtls.transport.server.caller.RefusedException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/**
 * The era of a server, found out with {@code server/discover} and remembered until the server answers as one of the other era would.
 * Any answer that is not a modern server's means the legacy era, and so does the long silence of a process. The silence of a server over HTTP
 * means neither: it is asked again by the next request.
 *
 * @see <a href="https://modelcontextprotocol.io/specification/2026-07-28/basic/versioning">Versioning and Compatibility</a>
 */
public final class Eras {

    private static final Logger LOG = LoggerFactory.getLogger(Eras.class);
    private static final int UNAVAILABLE = 503;
    private static final Set<Integer> UPSTREAM_FAILED = Set.of(502, UNAVAILABLE);
    private static final Set<Integer> MODERN_ERRORS = Set.of(ErrorCode.HEADER_MISMATCH, ErrorCode.MISSING_CAPABILITY);

    // Some legacy processes never answer a method that they do not know. Until then npx or uvx may be installing the
    // program.
    private static final Duration SILENCE = Duration.ofSeconds(60);

    private final Upstream upstream;
    private volatile @Nullable Boolean known;
    private @Nullable Mono<Boolean> finding;

    /** The era of a server. */
    public Eras(Upstream upstream) {
        this.upstream = upstream;
    }

    /** Whether the server speaks the modern revision; asks it once, and again when it may have been replaced. */
    public Mono<Boolean> isModern(Supplier<ModernLink> link, Caller caller) {
        Boolean is = known;
        boolean isFoundOut = is != null && !(is && link.get().isDoubtful());
        return isFoundOut ? Mono.just(is) : find(link, caller);
    }

    /** A legacy session could not be had from the server, which may have been replaced by one of the modern era. */
    public void doubt(Throwable failure) {
        if (failure instanceof RefusedException refused && UPSTREAM_FAILED.contains(refused.code())) {
            known = null;
        }
    }

    private synchronized Mono<Boolean> find(Supplier<ModernLink> link, Caller caller) {
        Mono<Boolean> found = finding;
        if (found == null) {
            ModernLink probe = link.get();
            Mono<Boolean> asked = ask(probe, caller).map(Eras::isModern);
            found = (isProcess() ? asked.timeout(SILENCE, Mono.just(false)) : inTime(asked))
                    .doOnNext(is -> {
                        known = is;
                        if (!is) {
                            probe.pause();
                        }
                    })
                    .doOnTerminate(this::found)
                    .cache();
            finding = found;
        }
        return isProcess() ? inTime(found) : found;
    }

    /** As the other, for as long as a client waits for it. */
    private <T> Mono<T> inTime(Mono<T> answer) {
        return answer.timeout(upstream.patience(), Mono.error(this::silent));
    }

    private RefusedException silent() {
        LOG.info("the server {} is still starting, or does not answer server/discover", upstream.name());
        return (isProcess()
                        ? UpstreamFailure.starting(upstream.name())
                        : UpstreamFailure.timedOut("the server " + upstream.name() + " did not answer within "
                                + upstream.patience().toSeconds() + " s; try again"))
                .refusal();
    }

    private boolean isProcess() {
        return upstream.namesCallersInMessages();
    }

    private synchronized void found() {
        finding = null;
    }

    /** The answer of a modern server to {@code server/discover}. */
    public Mono<Response> discover(ModernLink link, Caller caller) {
        return inTime(ask(link, caller));
    }

    private static Mono<Response> ask(ModernLink link, Caller caller) {
        return Mono.defer(() -> {
            AnswerOnly answer = new AnswerOnly();
            return link.request(caller, ModernSession.own(Method.DISCOVER.text(), "{}"), answer)
                    .then(Mono.defer(() -> Mono.justOrEmpty(answer.response())));
        });
    }

    /**
     * Whether it is the answer of a modern server to {@code server/discover}.
     *
     * @throws RefusedException when the server cannot be used now
     */
    public static boolean isModern(Response response) {
        Map<String, Object> error = JsonRpcMessage.object(response.whole().get("error"));
        if (error.isEmpty()) {
            return names(JsonRpcMessage.object(response.whole().get("result")).get("supportedVersions"));
        }
        int code = error.get("code") instanceof Number number ? number.intValue() : 0;
        if (code == UNAVAILABLE) {
            throw new RefusedException(200, code, String.valueOf(error.get("message")));
        }
        return code == ErrorCode.UNSUPPORTED_VERSION
                ? names(JsonRpcMessage.object(error.get("data")).get("supported"))
                : MODERN_ERRORS.contains(code);
    }

    private static boolean names(@Nullable Object versions) {
        return versions instanceof List<?> all && all.contains(Revision.MODERN.text());
    }
}
