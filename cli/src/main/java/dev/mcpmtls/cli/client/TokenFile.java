// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.client;

import dev.mcpmtls.cli.invocation.ExitCode;
import dev.mcpmtls.cli.invocation.Failure;
import dev.mcpmtls.files.Failures;
import dev.mcpmtls.files.SmallFiles;
import dev.mcpmtls.protocol.token.Authorization;
import dev.mcpmtls.protocol.token.Challenge;
import dev.mcpmtls.protocol.token.TokenSource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** An access token in a file. It is presented with every request; when it is refused, no other is fetched. */
final class TokenFile implements TokenSource {

    private static final int MAX_BYTES = 64 * 1024;
    private static final String HINT = "write the token alone into it, as the authorization server issued it";

    private final Authorization authorization;

    private TokenFile(String token) {
        this.authorization = method -> Map.of("Authorization", "Bearer " + token);
    }

    /** The token in a file (RFC 6750, section 2.1). */
    static TokenFile load(Path file) {
        try {
            String token = new String(SmallFiles.read(file, MAX_BYTES), StandardCharsets.ISO_8859_1).strip();
            if (!token.matches("[A-Za-z0-9._~+/-]+=*")) {
                throw new Failure(ExitCode.USAGE, List.of("there is no access token in " + file, HINT));
            }
            return new TokenFile(token);
        } catch (IOException e) {
            throw new Failure(
                    ExitCode.USAGE, List.of("cannot read the token file " + file + ": " + Failures.reason(e), HINT));
        }
    }

    @Override
    public CompletionStage<Optional<Authorization>> current() {
        return CompletableFuture.completedStage(Optional.of(authorization));
    }

    @Override
    public CompletionStage<Optional<Authorization>> answer(Challenge challenge, Optional<Authorization> refused) {
        return CompletableFuture.completedStage(Optional.empty());
    }
}
