// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.policy;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The arrows between the rooms of this module. */
@AnalyzeClasses(packages = "dev.mcpmtls.policy", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule noCycles =
            slices().matching("dev.mcpmtls.(policy..)").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule celStaysInItsRoom = noClasses()
            .that()
            .resideOutsideOfPackage("dev.mcpmtls.policy.condition")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("dev.cel..", "com.google..");

    @ArchTest
    static final ArchRule yamlStaysInItsRoom = noClasses()
            .that()
            .resideOutsideOfPackage("dev.mcpmtls.policy")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("tools.jackson..");
}
