// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.client;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A world of each test's own. */
public abstract class OAuthWorldFixture {

    @TempDir
    protected Path directory;

    protected OAuthWorld world;

    @BeforeEach
    void begin() throws Exception {
        world = new OAuthWorld(directory);
    }

    @AfterEach
    void end() {
        world.close();
    }
}
