// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.doctor;

import dev.mcpmtls.authz.TokenRefusedException;
import dev.mcpmtls.doctor.Check.Step;
import dev.mcpmtls.identity.Credential;
import dev.mcpmtls.identity.Printable;
import dev.mcpmtls.identity.Sha256;
import dev.mcpmtls.oauth.client.discovery.ProtectedResource;
import dev.mcpmtls.oauth.resource.token.Audiences;
import dev.mcpmtls.oauth.resource.token.Claims;
import dev.mcpmtls.oauth.resource.token.CompactJwt;
import java.net.URI;
import java.security.cert.CertificateEncodingException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * Whether a token fits the server, the moment and our certificate, by its own words: its signature is for the server to verify.
 *
 * @param resource the server's metadata; empty when it is not known
 * @param scopes that the server asked for
 * @param own the credential of the connection
 */
record TokenProperties(
        URI server, Optional<ProtectedResource> resource, List<String> scopes, Credential own, InstantSource clock) {

    private static final int MAX_LENGTH = 16 * 1024;

    /** One check that it fits, or one for each property that does not. */
    List<Check> explain(String token, boolean isRefused) {
        if (token.length() > MAX_LENGTH) {
            return List.of(failed("it is longer than " + MAX_LENGTH + " characters", "fetch another"));
        }
        if (!CompactJwt.is(token)) {
            return List.of(Check.warning(
                    Step.TOKEN,
                    "it is opaque: only the authorization server knows what it says",
                    "if the server refuses it, have its operator turn on introspection, or have JWTs issued"));
        }
        try {
            CompactJwt jwt = CompactJwt.parse(token);
            String issuer = jwt.issuer();
            return explain(Claims.of(issuer, jwt.payload()), isRefused);
        } catch (TokenRefusedException e) {
            return List.of(failed(String.valueOf(e.getMessage()), "fetch another from the authorization server"));
        }
    }

    private List<Check> explain(Claims claims, boolean isRefused) {
        List<Check> found = new ArrayList<>();
        issuer(claims).ifPresent(found::add);
        audience(claims).ifPresent(found::add);
        time(claims).ifPresent(found::add);
        scope(claims).ifPresent(found::add);
        binding(claims, isRefused).ifPresent(found::add);
        if (found.stream().noneMatch(check -> check.status() == Check.Status.FAILED)) {
            found.add(
                    isRefused
                            ? failed(
                                    summary(claims) + ", and the server still refuses it",
                                    "fetch a new one: this one may have been revoked, or its signing key replaced")
                            : Check.ok(Step.TOKEN, summary(claims)));
        }
        return found;
    }

    private static String summary(Claims claims) {
        return "for " + Printable.clean(claims.token().subject()) + ", until "
                + claims.token().expiresAt().truncatedTo(ChronoUnit.SECONDS)
                + (claims.token().bound() ? ", bound to our certificate" : "");
    }

    private Optional<Check> issuer(Claims claims) {
        return resource.filter(known -> !known.issuers().contains(claims.token().issuer()))
                .map(known -> failed(
                        "it is from " + Printable.quote(claims.token().issuer())
                                + ", and the server takes none from there",
                        "fetch one from " + Printable.clean(String.join(" or ", known.issuers()))));
    }

    private Optional<Check> audience(Claims claims) {
        String wanted = resource.map(ProtectedResource::resource).orElse(server.toString());
        if (new Audiences(wanted, List.of()).haveAnyOf(claims.audiences())) {
            return Optional.empty();
        }
        String audiences = claims.audiences().isEmpty()
                ? "no server in particular"
                : Printable.quote(String.join(", ", claims.audiences()));
        return Optional.of(failed(
                "it is for " + audiences + " (aud), not for " + Printable.clean(wanted),
                "request it with resource=" + Printable.clean(wanted)
                        + " (RFC 8707), or have the authorization server put that into aud"));
    }

    private Optional<Check> time(Claims claims) {
        Instant now = clock.instant();
        if (!now.isBefore(claims.token().expiresAt())) {
            return Optional.of(failed(
                    "it expired "
                            + Certificates.text(Duration.between(claims.token().expiresAt(), now)) + " ago",
                    "fetch a new one"));
        }
        return now.isBefore(claims.validFrom())
                ? Optional.of(failed(
                        "it is valid in " + Certificates.text(Duration.between(now, claims.validFrom())) + " only",
                        "compare the clocks of the authorization server and of this machine"))
                : Optional.empty();
    }

    private Optional<Check> scope(Claims claims) {
        List<String> missing = scopes.stream()
                .filter(scope -> !scope.isEmpty() && !claims.token().scopes().contains(scope))
                .toList();
        return missing.isEmpty()
                ? Optional.empty()
                : Optional.of(failed(
                        "it lacks the scope " + Printable.quote(String.join(" ", missing)),
                        "request it with that scope; the authorization server has to grant it to us"));
    }

    private Optional<Check> binding(Claims claims, boolean isRefused) {
        if (claims.thumbprint().isEmpty()) {
            String evidence = "it is bound to no certificate (cnf.x5t#S256): every holder can use it";
            String remedy = "fetch one over a connection with our certificate, from a client that the authorization"
                    + " server binds tokens for (RFC 8705)";
            return Optional.of(isRefused ? failed(evidence, remedy) : Check.warning(Step.TOKEN, evidence, remedy));
        }
        String ours = thumbprint();
        return claims.thumbprint().get().equals(ours)
                ? Optional.empty()
                : Optional.of(failed(
                        "it is bound to another certificate ("
                                + Printable.clean(claims.thumbprint().get()) + ") than ours (" + ours + ")",
                        "fetch a new one with this certificate; a token does not outlive the renewal of its"
                                + " certificate"));
    }

    private String thumbprint() {
        try {
            byte[] digest = Sha256.of(own.chain().leaf().getEncoded());
            return Base64.getUrlEncoder().withoutPadding().encodeToString(digest);
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("a parsed certificate encodes", e);
        }
    }

    private static Check failed(String evidence, String remedy) {
        return Check.failed(Step.TOKEN, evidence, remedy);
    }
}
